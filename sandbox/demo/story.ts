import { join } from "node:path";
import type { RecoveryOutcome } from "../../recovery";
import { packageRoot } from "../../tools/paths";
import type { ConfigValue } from "../../tools/stackConfig";
import { openStack } from "../../tools/workspace";
import { Sandbox } from "..";
import type { CleanUp } from "../cleanUp";
import { presentSettings } from "../stackFile";
import type { DemoOptions } from "./arguments";
import { type EngineRun, runEngine } from "./engineRun";
import { differences, type Followers, followersOf, processesOf, strays, type View, viewOf } from "./proof";
import { clock, type Screen } from "./screen";
import { showOutcome, showPlan, showProof } from "./show";
import { findTools } from "./tools";

/** What happened, for `--json`. */
export interface Happened {
  recovery: string;
  side: string;
  adm: string;
  realTimers: boolean;
  recovered: boolean;
  engine?: { version: string; how: string };
  plugin?: string;
  incident?: string;
  plan?: string[];
  /** By operation (`preview`, `up`, `again`, `destroy`): changes, what happened to each resource, seconds. */
  runs: Record<
    string,
    { changes: Record<string, number>; operations: Record<string, string>; seconds: number }
  >;
  before?: View;
  after?: View[];
  followers?: Followers;
  outcome?: RecoveryOutcome;
  /** What the demo itself found wrong. */
  problems: string[];
  /** Seconds, by chapter. */
  timings: Record<string, number>;
}

/** Where the demo keeps what. */
export interface Places {
  cluster: string;
  stack: string;
}

/** Runs the whole demo. Throws when it could not be carried through; a wrong result is in `problems`. */
export async function tell(
  options: DemoOptions,
  places: Places,
  screen: Screen,
  cleanUp: CleanUp,
  happened: Happened,
): Promise<void> {
  const chapter = async <T>(name: string, title: string, work: () => Promise<T>): Promise<T> => {
    cleanUp.check();
    screen.heading(title);
    const start = performance.now();
    try {
      return await work();
    } finally {
      happened.timings[name] = Math.round(performance.now() - start) / 1000;
    }
  };
  const remember = (name: string, { changes, operations, seconds }: EngineRun<unknown>) => {
    happened.runs[name] = { changes, operations, seconds: Math.round(seconds * 1000) / 1000 };
  };

  const tools = await chapter("tools", "Tools", () => findTools(screen));
  happened.engine = { version: tools.engine.version, how: tools.engine.how };
  happened.plugin = tools.plugin.how;

  const sandbox = await chapter("cluster", `A cluster in ${places.cluster} (below: DIR)`, () =>
    buildCluster(options, places, screen),
  );
  screen.shorten(places.cluster, "DIR");
  const { before, pair } = await chapter("outage", outageTitle(options), () =>
    strike(options, sandbox, screen),
  );
  happened.before = before;
  happened.incident = sandbox.description.incident;

  const present = presentSettings(sandbox.description);
  if (!present) throw new Error("the sandbox has no settings for its situation");
  const clusters = Object.fromEntries(
    Object.entries(present).map(([name, settings]) => [name, { ...settings, method: options.method }]),
  );
  const stack = await openStack({
    name: "demo",
    entry: join(packageRoot(), "dist", "index.js"),
    config: { clusters: clusters as ConfigValue },
    directory: places.stack,
    ...tools,
  });
  const cluster = sandbox.description.cluster;
  const run = <T>(operation: Parameters<typeof runEngine<T>>[3]) =>
    runEngine(screen, `${cluster}-`, cleanUp.signal, operation);

  await chapter("preview", "pulumi preview", async () => {
    screen.plain(`   the settings: ${join(places.cluster, "Pulumi.sandbox.yaml")}`);
    const preview = await run((to) => stack.stack.preview(to));
    remember("preview", preview);
    happened.plan = (preview.outputs.plan as Record<string, string[]> | undefined)?.[cluster] ?? [];
    showPlan(screen, preview);
  });

  const outcome = await chapter("up", "pulumi up", async () => {
    const up = await run((to) => stack.stack.up(to));
    remember("up", up);
    const found = (up.result.outputs.outcome?.value as Record<string, RecoveryOutcome> | undefined)?.[
      cluster
    ];
    if (!found) throw new Error("the stack has no outcome");
    showOutcome(screen, found, up);
    return found;
  });
  happened.outcome = outcome;

  const processes = await chapter("proof", "Proof, asked from the cluster itself", async () => {
    const after = await Promise.all(pair.map((name) => viewOf(sandbox, name)));
    const followers = await followersOf(sandbox);
    const nodes = pair.map((name) => sandbox.manager(name).node);
    Object.assign(happened, { after, followers });
    happened.problems.push(
      ...after.flatMap((view) => differences(before, view)),
      ...strays(followers, nodes),
      ...(outcome.verdict === "recovered" ? [] : [`the verdict is "${outcome.verdict}"`]),
    );
    showProof(screen, before, after, followers, nodes);
    for (const problem of happened.problems) screen.line("WRONG", problem, 10, "bad");
    return processesOf(sandbox, pair);
  });
  const untouched = async (what: string) => {
    if ((await processesOf(sandbox, pair)).join() !== processes.join())
      happened.problems.push(`${what} restarted a manager`);
  };

  await chapter("again", "pulumi up, once more", async () => {
    const again = await run((to) => stack.stack.up(to));
    remember("again", again);
    const changed = Object.entries(again.changes).filter(([operation]) => operation !== "same");
    if (changed.length > 0)
      happened.problems.push(`a second up had something to do: ${JSON.stringify(changed)}`);
    await untouched("the second up");
    screen.plain(`   nothing to do: ${again.changes.same ?? 0} unchanged, same processes   (${took(again)})`);
  });

  if (options.keep) return;
  await chapter("destroy", "pulumi destroy", async () => {
    const destroy = await run((to) => stack.stack.destroy(to));
    remember("destroy", destroy);
    await untouched("destroy");
    const pairNow = await Promise.all(pair.map((name) => viewOf(sandbox, name)));
    happened.problems.push(...pairNow.flatMap((view) => differences(before, view)));
    screen.plain(
      `   forgotten: ${destroy.changes.delete ?? 0} resources. Cluster and backups are as they were, same processes   (${took(destroy)})`,
    );
  });
}

const took = ({ seconds }: EngineRun<unknown>): string => `${seconds.toFixed(1)} s`;

const outageTitle = ({ recovery, side }: DemoOptions): string =>
  recovery === "takeover" ? `The ${side} is lost` : `The ${side}'s Mnesia files are damaged`;

async function buildCluster(options: DemoOptions, places: Places, screen: Screen): Promise<Sandbox> {
  const elapsed = clock();
  const report = (line: string) => screen.line(elapsed(), line, 8);
  const { adm, layout, fast, nodes: nodeHosts } = options;
  const login = layout === "package" ? "ops" : "root";
  const sandbox = await Sandbox.up({
    directory: places.cluster,
    adm,
    layout,
    login,
    fast,
    nodeHosts,
    report,
  });
  report(
    `serving; LeoFS's ${fast ? "waiting times cut short (--fast)" : "own waiting times"}, leofs-adm as ${adm}`,
  );
  return sandbox;
}

/** Writes data to the last moment and after it, and takes the manager away in between. */
async function strike(
  { recovery, side }: DemoOptions,
  sandbox: Sandbox,
  screen: Screen,
): Promise<{ before: View; pair: string[] }> {
  const elapsed = clock();
  const say = (line: string) => screen.line(elapsed(), line, 8);
  const other = side === "master" ? "slave" : "master";
  const struck = sandbox.manager(side).node;
  const last = await sandbox.writeData(
    { users: 2, buckets: 2, endpoints: 1 },
    { prefix: "last-", through: side },
  );
  let replacement: string | undefined;
  if (recovery === "takeover") {
    await sandbox.lose(side);
    say(
      `wrote 2 users, 2 buckets, 1 endpoint (${last.users[0]?.id}, ...) through ${struck}; then it was killed`,
    );
    say(`${struck} is gone: processes, files, host`);
  } else {
    await sandbox.damage(side);
    say(
      `wrote 2 users, 2 buckets, 1 endpoint (${last.users[0]?.id}, ...) through ${struck}; then it was killed`,
    );
    say(`every Mnesia file of ${struck} was cut in half`);
  }
  await sandbox.writeData({ users: 1, buckets: 1 }, { prefix: "since-", through: other });
  say(`wrote 1 user, 1 bucket more through ${sandbox.manager(other).node}, which still serves`);
  if (recovery === "takeover") {
    replacement = await sandbox.spare();
    say(
      `installed ${sandbox.manager(replacement).node} on a host of its own, as a package leaves it: never started`,
    );
  }
  const before = await viewOf(sandbox, other);
  const survivor = Object.entries(sandbox.description.managers).find(
    ([, one]) => one.node === before.node,
  )![0];
  const back =
    replacement ?? Object.entries(sandbox.description.managers).find(([, one]) => one.node === struck)![0];
  const pair = [survivor, back].sort((a) => (sandbox.manager(a).role === "master" ? -1 : 1));
  return { before, pair };
}
