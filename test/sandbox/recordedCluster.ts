import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { holdLock } from "../../tools/lock";
import { until } from "./managerSupport";
import { type Done, RecordedRig } from "./recordedRig";
import { mask, readRecording, type Step } from "./recording";
import { sandboxForThisFile } from "./testSandbox";
import { expectations, Watcher } from "./watcher";

/** Commands that a sandbox without S3 and without objects cannot follow, or whose output is another machine's. */
const leftOut = [
  /s3\.py|curl|conn3\.py/,
  /whereis|leofs-adm (du|mq-stats|bogus|dump-mnesia|status )|^leofs-adm$/,
  /^ls -la|^head -c|^grep -nE|^cmp /,
  /status (storage|gateway)_0|con\.py \d+ 'help' --raw$/,
];
const changes =
  /leo_(manager|storage|gateway) (-type \w+ )?(start|stop|restart|dump|load)|create-|add-|update-|suspend|resume|backup-|restore-|rebalance|\b(mv|cp|mkdir|sed|killrig\.sh|run\.sh)\b/;

/** What the recording does not show: done before the step of this number. */
type Hidden = Record<number, (rig: RecordedRig) => Promise<void>>;
type Only = (step: Step) => boolean;

/** What can be compared of a recorded step and of ours. When Mnesia writes .DCL files and its decision table is its own choice. */
const comparable = (one: Pick<Step, "output" | "code" | "connections">) => ({
  output: mask(
    one.output.filter(
      (line) => !/\.DCL$|^DECISION_TAB\.LOG$/.test(line) && !/^\S+ {2}\d+ root |^total |^[d-]rw/.test(line),
    ),
  ),
  code: one.code,
  connections: one.connections,
});

/** The recordings' addresses exist once on a machine: test files that need them wait for each other. */
function takeTurns(): void {
  let end: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    end = await holdLock(join(tmpdir(), "leofs-recorded-addresses.lock"));
  });
  afterAll(() => end?.());
}

/** A sandbox in the recordings' place, and what follows recordings on it. */
export function recordedCluster() {
  // Hooks end in the opposite order: the turn is over once the sandbox is.
  takeTurns();
  const cluster = sandboxForThisFile({
    addresses: "recorded",
    storages: 1,
    gateways: 1,
    users: 0,
    buckets: 0,
    endpoints: 0,
    timers: { SANDBOX_TABLE_WAIT_MS: 60_000 },
  });
  let rig: RecordedRig;
  let watcher = new Watcher();
  beforeAll(() => {
    rig = new RecordedRig(cluster());
  });
  afterEach(() => watcher.end());

  /** Before a load that LeoFS took well: every table is there, as it was when the recording was made. */
  async function allTables(step: Step): Promise<void> {
    if (!/ load-mnesia-data /.test(step.command) || step.output.some((line) => line.startsWith("New table")))
      return;
    const name = /leo_(manager_\d)/.exec(step.command)![1]!;
    if (await cluster().serves(name))
      await until(
        () => cluster().tablesOnDisc(name),
        (count) => count === 22,
      );
  }

  async function play(step: Step): Promise<Done> {
    await allTables(step);
    if (/leo_manager stop$/.test(step.command)) {
      await watcher.end();
      watcher = new Watcher();
    }
    const started = /leo_(manager_\d)\/bin\/leo_manager start$/.exec(step.command)?.[1];
    const done = await rig.run(step.command);
    if (started === undefined || done.code !== 0) return done;
    watcher.add(started);
    await until(
      () =>
        cluster()
          .console(started, "version")
          .catch(() => ""),
      (reply) => reply === "1.4.4\r\n",
    );
    return done;
  }

  async function compareSightings(name: string, step: Step): Promise<void> {
    for (const manager of new Set(step.sightings.map((one) => one.manager))) {
      const { must, may } = expectations(step.sightings, manager);
      const label = [name, step.number, manager];
      const inOrder = (seen: string[]) => {
        let from = -1;
        return must.every((state) => {
          from = seen.indexOf(state, from + 1);
          return from >= 0;
        });
      };
      const seen = await until(async () => watcher.of(manager), inOrder).catch(() => watcher.of(manager));
      expect([...label, inOrder(seen) ? must : seen]).toEqual([...label, must]);
      for (const state of seen) expect([...label, ...may]).toContain(state);
    }
  }

  /** Plays a recording; a command that only looks is asked again until it sees what was recorded. */
  async function follow(name: string, hidden: Hidden = {}, only: Only = () => true): Promise<void> {
    watcher = new Watcher();
    for (const step of readRecording(name)) {
      if (!only(step) || leftOut.some((pattern) => pattern.test(step.command))) continue;
      await hidden[step.number]?.(rig);
      const label = `${name}.txt, command ${step.number}: ${step.command}`;
      const wanted = { label, ...comparable(step) };
      let seen = { label, ...comparable(await play(step)) };
      const end = Date.now() + 20_000;
      while (
        !changes.test(step.command) &&
        JSON.stringify(seen) !== JSON.stringify(wanted) &&
        Date.now() < end
      ) {
        await pause(100);
        seen = { label, ...comparable(await play(step)) };
      }
      expect(seen).toEqual(wanted);
      await compareSightings(name, step);
      const dumped = /leo_manager_(\d)\/bin\/leo_manager dump-mnesia-data \/var/.exec(step.command)?.[1];
      if (dumped === undefined || step.code !== 0) continue;
      for (const file of ["fp-2a.txt", "fp-2b.txt", "fp-gap.txt"])
        await rig.remember(file, 10010 + Number(dumped));
    }
  }

  return { cluster, rig: () => rig, follow };
}
