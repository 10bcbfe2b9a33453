import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Sandbox } from "../sandbox";
import { Clone } from "../test/engine/support/clone";
import type { Options } from "./options";
import { type Overhead, overhead, overheadTable } from "./overhead";
import { comparison, timeline } from "./picture";
import { keep, say, withHead } from "./report";
import type { Result } from "./results";
import { measure } from "./run";
import { type Scene, SSHD, strike } from "./scene";
import { table } from "./table";
import { writeUsers } from "./users";
import type { Way } from "./ways/way";
import { waysOf } from "./ways/ways";

/** How long two managers with many users may take to serve after a start. */
const LOADED_MS = 600_000;

/** One way and one outage, on a cluster that is as it was before. */
type Trial = (round: number, what: Options["cases"][number], way: Way, scene: Scene) => Promise<void>;

/** Has the same outages of one cluster recovered by each way. Returns the exit code. */
export async function compareWays(options: Options, out: string, directory: string): Promise<number> {
  const clone = await Clone.make();
  try {
    const ways = await waysHere(clone, options);
    const titles = new Map(ways.map(({ name, title }) => [name, title]));
    const sandbox = await Sandbox.up({ directory, sshd: SSHD, storages: 1, fast: options.fast });
    await writeUsers(sandbox, options.users);
    await sandbox.snapshot();
    const each = (rounds: number, trial: Trial) => tryEach(sandbox, { ...options, rounds }, ways, trial);
    return await (options.own ? ownShare(each, titles, out) : outages(each, options.rounds, titles, out));
  } finally {
    await clone.remove();
  }
}

/** The ways that were asked for and that this machine has what they need for. */
async function waysHere(clone: Clone, { ways: names, ansible }: Options): Promise<Way[]> {
  const all = waysOf(clone, ansible);
  const unknown = names?.filter((name) => !all.some((way) => way.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `unknown way: ${unknown.join(", ")}; known ways: ${all.map(({ name }) => name).join(", ")}`,
    );
  const here: Way[] = [];
  for (const way of all.filter(({ name }) => names?.includes(name) ?? true)) {
    const missing = await way.missing?.();
    if (missing) say(`${way.name} is left out: ${missing}`);
    else here.push(way);
  }
  return here;
}

/** Every way of every case in each round, so that a slower hour meets them all alike. */
async function tryEach(
  sandbox: Sandbox,
  { rounds, cases, delay, users }: Options,
  ways: readonly Way[],
  trial: Trial,
): Promise<void> {
  for (let round = 1; round <= rounds; round += 1)
    for (const what of cases)
      for (const way of ways) {
        await sandbox.restore();
        if (users > 0) await sandbox.waitForPair(["master", "slave"], LOADED_MS);
        const scene = await strike(sandbox, what, delay / 2, users > 0);
        await trial(round, what, way, scene);
        await scene.end();
      }
}

type Each = (rounds: number, trial: Trial) => Promise<void>;
type Titles = ReadonlyMap<string, string>;

async function ownShare(each: Each, titles: Titles, out: string): Promise<number> {
  const found: Overhead[] = [];
  await each(1, async (_, what, way, scene) => {
    const one = await overhead(scene, way);
    found.push(one);
    say(`${what} ${way.name}: ${one.seconds.toFixed(2)} s of its own`);
  });
  return keep(out, "own", found, overheadTable(found, titles));
}

async function outages(each: Each, rounds: number, titles: Titles, out: string): Promise<number> {
  const results: Result[] = [];
  await each(rounds, async (round, what, way, scene) => {
    const one: Result = { case: what, way: way.name, round };
    try {
      one.figures = await measure(scene, way);
    } catch (error) {
      one.problem = (error as Error).message;
    }
    results.push(one);
    say(`${round}/${rounds} ${what} ${way.name}: ${words(one)}`);
    const { spans = [] } = one.figures ?? {};
    if (spans.length > 0)
      await writeFile(
        join(out, `timeline-${what}-${way.name}.svg`),
        timeline(`${what}, ${way.title}`, spans),
      );
    await writeFile(join(out, "results.json"), `${JSON.stringify(results, undefined, 1)}\n`);
  });
  const text = await withHead(table(results, titles));
  await writeFile(join(out, "table.md"), text);
  await writeFile(join(out, "comparison.svg"), comparison(results, titles));
  say(`\n${text}\n\nall of it in ${out}`);
  return results.some(({ problem }) => problem) ? 1 : 0;
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
