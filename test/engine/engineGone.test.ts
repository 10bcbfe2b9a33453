import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { processesOfStack } from "../../robustness/matrix/support/engineProcesses";
import { eventually } from "../../sandbox/commands";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { rowsOf } from "./support/clusterFacts";
import { rigForThisFile } from "./support/recoveryRig";

const rig = rigForThisFile({ storages: 1 });
const INCIDENT = "killed";

const journalOf = (manager: string, entry: string): string =>
  join(rig.sandbox.manager(manager).backups, `production-${INCIDENT}`, "journal", entry);

/** Lock files of both managers' homes. */
const locks = (): string[] =>
  ["manager_1", "manager_2"].flatMap((name) =>
    readdirSync(join(rig.sandbox.manager(name).home, "work")).filter((file) => file.includes("lock")),
  );

/** Starts an `up`, kills its engine when the survivor has this journal entry, and waits until that run has failed. */
async function upKilledAt(entry: string, signal: NodeJS.Signals): Promise<void> {
  const up = rig.up();
  const file = journalOf("manager_1", entry);
  await eventually(`the journal entry ${entry}`, 60_000, async () => (existsSync(file) ? true : undefined));
  const { engine } = await processesOfStack(rig.stack.directory);
  expect(engine).toHaveLength(1);
  process.kill(engine[0]!, signal);
  expect((await up).error).toBeDefined();
}

const noProvider = () =>
  eventually("the end of every provider", 100_000, async () => {
    const { providers } = await processesOfStack(rig.stack.directory);
    return providers.length === 0 ? true : undefined;
  });

describe("a takeover whose pulumi is killed, and it alone", () => {
  beforeEach(async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
    await rig.configure(takeoverSettings(sandbox.description, INCIDENT));
  });

  it.each([
    ["after the survivor was cleared", `clear.NODE.done`],
    ["while the survivor stops", `stop.NODE.begun`],
    ["while the dump is loaded", `load.begun`],
  ])("%s: its providers end, give the locks back, and the next up recovers", async (_, entry) => {
    const before = await rowsOf(rig.sandbox, "manager_1");
    await upKilledAt(entry.replace("NODE", rig.sandbox.manager("manager_1").node), "SIGKILL");
    await noProvider();
    expect(locks()).toEqual([]);
    await rig.stack.stack.cancel();
    const resumed = await rig.up();
    expect(resumed.error).toBeUndefined();
    expect(resumed.outcome.verdict).toBe("recovered");
    for (const name of ["manager_1", "manager_2"]) expect(await rowsOf(rig.sandbox, name)).toEqual(before);
    expect(locks()).toEqual([]);
  });
});
