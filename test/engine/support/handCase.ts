import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ManagerTarget } from "../../../providers/targets/arguments";
import { inPlace } from "../../../recovery/inPlace";
import { takeover } from "../../../recovery/takeover";
import {
  bringAbout,
  SCENARIOS,
  type Scenario,
  settingsOf,
} from "../../../robustness/matrix/support/scenarios";
import { stackWithoutEngine, type UpResult } from "../../../robustness/matrix/support/ups";
import type { Sandbox } from "../../../sandbox";
import { pidsOf, type Rows, rowsOf } from "./clusterFacts";
import { ClustersStack } from "./clustersStack";
import { oneOf, randomOf } from "./counts";
import { type Broken, HAND_ACTIONS } from "./handActions";
import { followWayOut } from "./waysOut";

/** Steps after which a run is interrupted: all but the last, whose end is the recovery's. */
function boundariesOf(scenario: Scenario): string[] {
  const [one, other] = ["one", "other"].map(anyManager) as [ManagerTarget, ManagerTarget];
  const common = { cluster: "some", incident: "some" };
  const recipe = scenario.startsWith("takeover")
    ? takeover({ ...common, lost: "lost@host", survivor: one, replacement: other })
    : inPlace({ ...common, managers: [one, other], donor: "auto" });
  return recipe.steps.map(({ name }) => name).slice(0, -1);
}

const anyManager = (name: string): ManagerTarget => ({
  node: `${name}@host`,
  home: "/home",
  backupDirectory: "/backups",
  connection: { host: "host" },
});

/** A case, as a seed makes it. */
export interface HandCase {
  seed: number;
  scenario: Scenario;
  /** The run is killed this long after this step is done. */
  boundary: string;
  delayMs: number;
  actions: string[];
}

export function handCase(seed: number): HandCase {
  const random = randomOf(seed);
  const scenario = oneOf(random, SCENARIOS);
  const boundary = oneOf(random, boundariesOf(scenario));
  const delayMs = oneOf(random, [0, 0, 150, 600, 1500]);
  const count = 1 + Math.floor(random() * 3);
  const actions = Array.from({ length: count }, () => oneOf(random, Object.keys(HAND_ACTIONS)));
  return { seed, scenario, boundary, delayMs, actions };
}

const named = (scenario: Scenario, boundary: string, ...actions: string[]): HandCase => ({
  seed: 0,
  scenario,
  boundary,
  delayMs: 0,
  actions,
});

/** Cases that are easily lost, the worst first. */
export const NAMED_CASES: readonly HandCase[] = [
  // Both managers are emptied after the load and form a new pair: equal, and without a row of a user.
  named(
    "takeover-master",
    "load",
    "stop good",
    "stop other",
    "move good's files aside",
    "move other's files aside",
    "start both, master first",
  ),
  // The survivor's own files are moved away, and a start fills the directory with new, empty tables.
  named("takeover-slave", "stop-survivor", "move good's files aside", "start good"),
  named("in-place-master", "stop-donor", "move good's files aside"),
  named("takeover-master", "survivor-files", "move good's files back", "start good"),
  named("takeover-slave", "start-survivor", "stop good", "move good's files back", "start good"),
  named("in-place-slave", "copy", "move other's files back", "start both, slave first"),
  // The files that could not be read are back, and nothing of the recovery's is noted as given.
  named("in-place-master", "donor-files", "move other's files back", "preview"),
  named("in-place-master", "copy", "move other's files aside", "start other"),
  named("in-place-slave", "donor-files", "move good's files aside", "start good"),
  named("takeover-master", "replacement-partner", "start other", "start good"),
  named("takeover-master", "start-survivor", "load the dump", "stop other"),
];

export const textOf = ({ seed, scenario, boundary, delayMs, actions }: HandCase): string =>
  `seed ${seed}: ${scenario}, killed ${delayMs} ms after ${boundary}; by hand: ${actions.join(", ")}`;

/** How a case ended. */
export interface HandEnd {
  how: "recovered" | "recovered after the way out" | "VIOLATION";
  /** What was wrong, or what the failures said on the way. */
  said: string[];
}

/** Rows of before that a manager has no more. */
function missing(before: Rows, now: Rows): string[] {
  return Object.entries(before).flatMap(([table, rows]) => {
    const there = new Set(now[table] ?? []);
    return rows.filter((row) => !there.has(row)).map((row) => `${table} ${row.slice(0, 80)}`);
  });
}

/** Runs a case in a sandbox that is as it was built. */
export async function runHandCase(sandbox: Sandbox, one: HandCase, program: string): Promise<HandEnd> {
  await sandbox.writeData({ users: 2, buckets: 1 }, { prefix: `late${one.seed}-` });
  const { good, other } = await bringAbout(sandbox, one.scenario);
  const before = await rowsOf(sandbox, good);
  const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-byhand-"));
  const clusters = settingsOf(sandbox, one.scenario);
  const viewer = new ClustersStack();
  try {
    let stack = await stackWithoutEngine(program, directory, clusters);
    const up = async (): Promise<UpResult> => (await stack.up()).result;
    await breakOff(stack, join(directory, "state.json"), one);
    const broken: Broken = {
      sandbox,
      good,
      other,
      moved: 0,
      forget: () => stack.reset(),
      rollBack: async () => {
        stack = await stackWithoutEngine(program, directory, changed(clusters, { rollback: true }));
        const back = await up();
        if (!back.succeeded) throw new Error(`the rollback failed: ${back.errors.join(" | ")}`);
        stack = await stackWithoutEngine(program, directory, changed(clusters, { incident: "again" }));
      },
      preview: async () => {
        await viewer.configure(clusters);
        await viewer.preview();
      },
    };
    for (const name of one.actions) await HAND_ACTIONS[name]!(broken);
    return await upUntilItEnds(broken, up, before).catch((error: Error) => ({
      how: "VIOLATION" as const,
      said: [error.message],
    }));
  } finally {
    await viewer.forget();
    await rm(directory, { recursive: true, force: true });
  }
}

const changed = (clusters: Record<string, unknown>, change: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(clusters).map(([name, one]) => [name, { ...(one as object), ...change }]),
  );

/** The first run, killed when the state shows that the step is done, or where it ended before that. */
async function breakOff(
  stack: Awaited<ReturnType<typeof stackWithoutEngine>>,
  state: string,
  { boundary, delayMs }: HandCase,
): Promise<void> {
  const up = await stack.up();
  let over = false;
  const ended = up.result.then(() => {
    over = true;
  });
  const name = `"production-${boundary}"`;
  while (!over && !(existsSync(state) && readFileSync(state, "utf8").includes(name))) await pause(15);
  await Promise.race([ended, pause(delayMs)]);
  await up.kill("by the fault");
  await ended;
}

/** Runs `up` at most twice; after a failure its way out is followed, and once more. */
async function upUntilItEnds(broken: Broken, up: () => Promise<UpResult>, before: Rows): Promise<HandEnd> {
  const said: string[] = [];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const { succeeded, outcome, errors } = await up();
    if (succeeded) {
      const wrong = await wrongWith(broken, outcome?.verdict, before);
      if (wrong.length > 0) return { how: "VIOLATION", said: [...said, ...wrong] };
      return { how: attempt === 1 ? "recovered" : "recovered after the way out", said };
    }
    said.push(errors.join(" | "));
    if (!(await followWayOut(broken, errors.join("\n"))))
      return { how: "VIOLATION", said: [...said, "the failure names no way out"] };
  }
  return { how: "VIOLATION", said: [...said, "the way out did not help"] };
}

/** Whatever makes "recovered" a lie. */
async function wrongWith(
  { sandbox, good, other }: Broken,
  verdict: string | undefined,
  before: Rows,
): Promise<string[]> {
  const wrong: string[] = [];
  if (verdict !== "recovered") wrong.push(`the verdict is ${verdict}`);
  for (const name of [good, other]) {
    if ((await pidsOf(sandbox, name)).length !== 1) {
      wrong.push(`${name} does not run, though it says ${verdict}`);
      continue;
    }
    const tables = await sandbox.tablesOnDisc(name);
    if (tables !== 22) wrong.push(`${name} has ${tables} tables on its disc, though it says ${verdict}`);
    wrong.push(...missing(before, await rowsOf(sandbox, name)).map((row) => `${name} lost ${row}`));
  }
  return wrong;
}
