import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { Sandbox } from "../sandbox";
import { CleanUp } from "../sandbox/demo/cleanUp";
import { Clone } from "../test/engine/support/clone";
import { clustersTable, measureClusters } from "./clusters";
import { copyTable, measureCopies } from "./copy";
import { type Overhead, overhead, overheadTable } from "./overhead";
import { comparison, timeline } from "./picture";
import type { Case, Result } from "./results";
import { measure } from "./run";
import { SSHD, strike } from "./scene";
import { table } from "./table";
import { writeUsers } from "./users";
import { waysOf } from "./ways/ways";

interface Options {
  ways?: string[];
  cases: Case[];
  rounds: number;
  delay: number;
  users: number;
  copy: number;
  own: boolean;
  clusters: number[];
  parallel: number;
  ansible: string;
  fast: boolean;
  out: string;
}

/** How long two managers with many users may take to serve after a start. */
const LOADED_MS = 600_000;

const say = (line: string) => console.log(line);

const whole = (least: number) => (value: string) => {
  if (!/^\d{1,8}$/.test(value) || Number(value) < least)
    throw new InvalidArgumentError(`a whole number from ${least} to 99999999`);
  return Number(value);
};

/** A table with the command that made it and what it ran on, as docs/performance.md has it. */
async function withHead(text: string): Promise<string> {
  const load = (await readFile("/proc/loadavg", "utf8").catch(() => "unknown")).split(" ")[0];
  const words = process.argv
    .slice(2)
    .join(" ")
    .replace(/ ?--out \S+/, "");
  const made = `\`npm run bench -- ${words}\``;
  return `${made} on ${cpus().length} processors, Node ${process.versions.node}, load at the end ${load}, ${new Date().toISOString().slice(0, 10)}.\n\n${text}\n`;
}

/** Writes figures and table of a measure of its own. */
async function keep(out: string, name: string, figures: unknown, text: string): Promise<number> {
  const whole = await withHead(text);
  await writeFile(join(out, `${name}.json`), `${JSON.stringify(figures, undefined, 1)}\n`);
  await writeFile(join(out, `${name}.md`), whole);
  say(`\n${whole}\nall of it in ${out}`);
  return 0;
}

async function copies({ copy, rounds, out }: Options): Promise<number> {
  const copied = await measureCopies(copy, rounds);
  return keep(resolve(out), "copy", copied, copyTable(copied, copy));
}

async function manyClusters({ clusters, cases, fast, parallel, out }: Options): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "leofs-bench-clusters-"));
  const clone = await Clone.make();
  try {
    const options = { counts: clusters, cases, fast, parallel, say, out: resolve(out) };
    const found = await measureClusters(clone, directory, options);
    return await keep(resolve(out), "clusters", found, clustersTable(found));
  } finally {
    await clone.remove();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Runs every way of every case in each round, so that a slower hour meets them all alike. */
async function main(options: Options): Promise<number> {
  const out = resolve(options.out);
  await mkdir(out, { recursive: true });
  if (options.copy > 0) return copies(options);
  if (options.clusters.length > 0) return manyClusters(options);
  const directory = await mkdtemp(join(tmpdir(), "leofs-bench-cluster-"));
  const cleanUp = new CleanUp(directory, [directory], say);
  try {
    return await cleanUp.guard(compareWays(options, out, directory));
  } catch (error) {
    // It ends this process when nothing is left.
    if (cleanUp.signal.aborted) return await new Promise<never>(() => undefined);
    throw error;
  } finally {
    await cleanUp.end();
    cleanUp.release();
  }
}

async function compareWays(options: Options, out: string, directory: string): Promise<number> {
  const clone = await Clone.make();
  const results: Result[] = [];
  const all = waysOf(clone, options.ansible);
  const unknown = options.ways?.filter((name) => !all.some((way) => way.name === name)) ?? [];
  try {
    if (unknown.length > 0) throw new Error(`there is no way ${unknown.join(", ")}`);
    const ways = [];
    for (const way of all.filter(({ name }) => options.ways?.includes(name) ?? true)) {
      const missing = await way.missing?.();
      if (missing) say(`${way.name} is left out: ${missing}`);
      else ways.push(way);
    }
    const titles = new Map(ways.map(({ name, title }) => [name, title]));
    const sandbox = await Sandbox.up({ directory, sshd: SSHD, storages: 1, fast: options.fast });
    await writeUsers(sandbox, options.users);
    await sandbox.snapshot();
    const restore = async () => {
      await sandbox.restore();
      if (options.users > 0) await sandbox.waitForPair(["master", "slave"], LOADED_MS);
    };
    if (options.own) {
      const found: Overhead[] = [];
      for (const what of options.cases)
        for (const way of ways) {
          await restore();
          const scene = await strike(sandbox, what, options.delay / 2, options.users > 0);
          const one = await overhead(scene, way);
          await scene.end();
          found.push(one);
          say(`${what} ${way.name}: ${one.seconds.toFixed(2)} s of its own`);
        }
      return await keep(out, "own", found, overheadTable(found, titles));
    }
    for (let round = 1; round <= options.rounds; round += 1)
      for (const what of options.cases)
        for (const way of ways) {
          await restore();
          const scene = await strike(sandbox, what, options.delay / 2, options.users > 0);
          const one: Result = { case: what, way: way.name, round };
          try {
            one.figures = await measure(scene, way);
          } catch (error) {
            one.problem = (error as Error).message;
          }
          await scene.end();
          results.push(one);
          say(`${round}/${options.rounds} ${what} ${way.name}: ${words(one)}`);
          if (one.figures && one.figures.spans.length > 0)
            await writeFile(
              join(out, `timeline-${what}-${way.name}.svg`),
              timeline(`${what}, ${way.title}`, one.figures.spans),
            );
          await writeFile(join(out, "results.json"), `${JSON.stringify(results, undefined, 1)}\n`);
        }
    const text = await withHead(table(results, titles));
    await writeFile(join(out, "table.md"), text);
    await writeFile(join(out, "comparison.svg"), comparison(results, titles));
    say(`\n${text}\n\nall of it in ${out}`);
    return results.some(({ problem }) => problem) ? 1 : 0;
  } finally {
    await clone.remove();
  }
}

function words({ figures, problem }: Result): string {
  if (!figures) return `FAILED: ${problem}`;
  const { outage, wall, beforeStop, memory, writes } = figures;
  const seconds = [
    `outage ${outage.toFixed(2)} s`,
    `wall ${wall.toFixed(2)} s`,
    `${beforeStop.toFixed(2)} s before the first stop`,
  ];
  return [
    ...seconds,
    ...(memory > 0 ? [`${memory.toFixed(0)} MiB`] : []),
    ...(writes ? [`${writes.failed} failed writes, longest pause ${writes.longestPause.toFixed(2)} s`] : []),
  ].join(", ");
}

const program = new Command("npm run bench --")
  .description(
    "Recovers the same outages of a throw-away cluster by several ways, one after another in each round, and measures them from outside:\n" +
      "outage as a client that polls both consoles sees it, the whole command, the time until the first stop, logins counted at sshd,\n" +
      "peak memory of Pulumi's provider process. LeoFS's own waiting times. Needs what the demo needs; ansible where it is installed.",
  )
  .option(
    "--ways <names...>",
    "floor, by-hand, command-only, ansible, ours-offline, ours-online; default all",
  )
  .addOption(
    new Option("--cases <cases...>", "the outages")
      .choices(["takeover", "in-place"])
      .default(["takeover", "in-place"]),
  )
  .option("--rounds <n>", "how often each way recovers each outage", whole(1), 3)
  .option("--delay <ms>", "round-trip time between the operator and the hosts", whole(0), 0)
  .option("--users <n>", "users besides, written straight into the tables", whole(0), 0)
  .option(
    "--own",
    "only what each way takes by itself: the steps of LeoFS do nothing, or are found done",
    false,
  )
  .option("--copy <mib>", "instead: copies a file of that size between two hosts, beside scp", whole(1), 0)
  .option(
    "--clusters <n...>",
    "instead: so many clusters recovered by one `up`, and where the processor went. Hosts (sshd), managers, engine and providers are real; there are no storage and gateway nodes, and all of it shares this machine",
    (value: string, all: number[]) => [...all, whole(1)(value)],
    [],
  )
  .option(
    "--parallel <n>",
    "steps that Pulumi carries out at once; 0: its own default, four a processor",
    whole(0),
    0,
  )
  .option("--ansible <program>", "ansible-playbook", "ansible-playbook")
  .option("--fast", "short waiting times in place of LeoFS's own: what is left is the ways' own", false)
  .option("--out <directory>", "results.json, table.md, comparison.svg, timeline-*.svg", "bench-results")
  .action(async () => process.exit(await main(program.opts<Options>())));

void program.parseAsync();
