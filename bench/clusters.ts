import { appendFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pLimit from "p-limit";
import { stringify } from "yaml";
import { Sandbox } from "../sandbox";
import { inPlaceSettings, takeoverSettings } from "../sandbox/stackSettings";
import type { Clone } from "../test/engine/support/clone";
import { type Providers, watchProviders } from "./memory";
import { type Processor, processorUntilNow } from "./processor";
import type { Case } from "./results";

const STACK = "bench";
const LIMIT_MS = 3_600_000;
/** Clusters that are built, or struck, at once: more of them only wait for the processor, and LeoFS's own limits run out. */
const AT_ONCE = 4;

/** Many clusters recovered by one `pulumi up`. Times in seconds. */
export interface Many {
  case: Case;
  clusters: number;
  preview: number;
  wall: number;
  /** The same `up` once more. */
  again: number;
  processor: Processor;
  providers: Providers;
}

/** How they are recovered. */
export interface ManyOptions {
  counts: readonly number[];
  cases: readonly Case[];
  fast: boolean;
  /** Steps that Pulumi carries out at once; 0: Pulumi's own default, four a processor. */
  parallel: number;
  /** Where the timelines go. */
  out: string;
  say(line: string): void;
}

/** Builds a cluster in each place, then has the first so many of them recovered, for each count and case. */
export async function measureClusters(
  clone: Clone,
  places: readonly string[],
  { counts, cases, fast, parallel, out, say }: ManyOptions,
): Promise<Many[]> {
  const few = pLimit(AT_ONCE);
  const found: Many[] = [];
  const build = (directory: string) => {
    const sizes = { storages: 0, gateways: 0, users: 3, buckets: 3, endpoints: 1 };
    return Sandbox.up({ directory, cluster: basename(directory), fast, ...sizes });
  };
  const built = await allOf(places.map((directory) => few(build, directory)));
  say(`${built.length} clusters run`);
  for (const what of cases)
    for (const count of counts) {
      const struck = built.slice(0, count);
      const incident = `bench-${what}-${count}`;
      const settings = await allOf(struck.map((sandbox) => few(strikeOne, sandbox, what, incident)));
      found.push(await recoverAll(clone, struck, Object.fromEntries(settings), { what, parallel, out }));
      say(words(found.at(-1)!));
    }
  return found;
}

/** What each came to. Throws the first error once none is under way any more: what it builds would be left behind. */
async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/** Brings one outage about. A cluster that was recovered before is struck again: its master of now is lost or damaged. */
async function strikeOne(sandbox: Sandbox, what: Case, incident: string): Promise<[string, unknown]> {
  const settings = (of: Record<string, unknown>): [string, unknown] => [sandbox.description.cluster, of];
  if (what === "in-place") {
    await sandbox.damage("master");
    return settings(inPlaceSettings(sandbox.description, incident, "master"));
  }
  // A pair that a takeover made before is a pair like any other.
  const earlier = Object.entries(sandbox.description.managers)
    .filter(([, { lost }]) => !lost)
    .map(([name, manager]) => [name, { ...manager, spare: false }] as const);
  const lost = await sandbox.lose("master");
  const spare = await sandbox.spare();
  const { [lost]: gone, [spare]: come } = sandbox.description.managers;
  const managers = { ...Object.fromEntries(earlier), [lost]: { ...gone!, spare: false }, [spare]: come! };
  return settings(takeoverSettings({ ...sandbox.description, managers }, incident));
}

async function recoverAll(
  clone: Clone,
  struck: readonly Sandbox[],
  clusters: Record<string, unknown>,
  { what, parallel, out }: { what: Case } & Pick<ManyOptions, "parallel" | "out">,
): Promise<Many> {
  const file = join(clone.directory, `Pulumi.${STACK}.yaml`);
  await clone.must("stack", "init", STACK);
  await appendFile(file, stringify({ config: { "leofs-recovery:clusters": clusters } }));
  const trace = join(out, `timeline-${what}-${struck.length}.jsonl`);
  await writeFile(trace, "");
  const timed = async (...args: string[]) => {
    const { code, text, seconds } = await clone.pulumiIn(clone.directory, [...args, "--stack", STACK], {
      timeoutMs: LIMIT_MS,
      env: { LEOFS_RECOVERY_TIMELINE: trace, ...(parallel > 0 && { PULUMI_PARALLEL: String(parallel) }) },
    });
    if (code !== 0) throw new Error(text);
    return seconds;
  };
  const up = ["up", "--yes", "--skip-preview", "--suppress-outputs"];
  try {
    const preview = await timed("preview", "--suppress-outputs");
    await sessionsEnded();
    const before = await processorUntilNow(struck);
    const watched = watchProviders(clone.directory);
    const wall = await timed(...up);
    const providers = await watched();
    await sessionsEnded();
    const after = await processorUntilNow(struck);
    const again = await timed(...up);
    const since = (part: keyof Processor) => after[part] - before[part];
    return {
      ...{ case: what, clusters: struck.length, preview, wall, again, providers },
      processor: { operator: since("operator"), hosts: since("hosts"), managers: since("managers") },
    };
  } finally {
    await clone.pulumi("stack", "rm", "--yes", "--force", STACK);
    await rm(file, { force: true });
  }
}

/** A session counts with its host's sshd once that has seen it end. */
const sessionsEnded = () => pause(2_000);

function words({ case: what, clusters, preview, wall, again, processor, providers }: Many): string {
  const each = (seconds: number) => `${(seconds / clusters).toFixed(2)} s`;
  return [
    `${what} of ${clusters}: preview ${preview.toFixed(1)} s, up ${wall.toFixed(1)} s, again ${again.toFixed(1)} s`,
    `processor a cluster: operator ${each(processor.operator)} (providers ${each(providers.processor)})`,
    `hosts ${each(processor.hosts)}, managers ${each(processor.managers)}; ${providers.memory.toFixed(0)} MiB`,
  ].join(", ");
}

/** Markdown: a row a count. */
export function clustersTable(found: readonly Many[]): string {
  const head = [
    ...["clusters in one `up`", "case", "`up`, s", "x one", "preview, s", "again, s"],
    ...["processor a cluster, s: Pulumi and program", "providers", "hosts", "managers", "memory, MiB"],
  ];
  const rows = found.map(({ case: what, clusters, preview, wall, again, processor, providers }) => {
    const one = found.find((each) => each.case === what)!.wall;
    const each = (seconds: number) => (seconds / clusters).toFixed(2);
    return [
      ...[clusters, what, wall.toFixed(1), (wall / one).toFixed(2), preview.toFixed(1), again.toFixed(1)],
      ...[each(processor.operator - providers.processor), each(providers.processor)],
      ...[each(processor.hosts), each(processor.managers), providers.memory.toFixed(0)],
    ];
  });
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
