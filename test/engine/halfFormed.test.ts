import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { succeed } from "../../sandbox/commands";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { factsOf, type Rows, rowsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1 });

const mnesiaOf = (manager: string) => join(rig.sandbox.manager(manager).home, "work", "mnesia");

/** What a master leaves that was ended right after it made its schema: LeoFS stops itself over it at each start. */
async function endedWhileForming(manager: string): Promise<void> {
  const [directory] = await readdir(mnesiaOf(manager)).then((names) =>
    names.filter((name) => !name.includes("first")),
  );
  const make = `application:set_env(mnesia, dir, "${join(mnesiaOf(manager), directory!)}"), ok = mnesia:create_schema([node()]), halt(0).`;
  const alone = ["-start_epmd", "false", "-dist_listen", "false", "-setcookie", "nobody", "-noshell"];
  await succeed("erl", [...alone, "-name", rig.sandbox.manager(manager).node, "-eval", make]);
}

let before: Rows;
let again: Ran;

beforeAll(async () => {
  const sandbox = await rig.begin();
  await sandbox.lose("slave");
  await sandbox.spare();
  before = await rowsOf(sandbox, "manager_0");
  await makeStubborn(sandbox, "manager_0");
  await rig.configure(takeoverSettings(sandbox.description, "first"));
  expect((await rig.up()).error).toContain("did not start");
  await endedWhileForming("manager_0");
  again = await rig.up();
});

it("forms a pair again that was ended while it formed, and recovers", async () => {
  expect(again.error).toBeUndefined();
  expect(again.outcome.verdict).toBe("recovered");
  const { managers } = await factsOf(rig.sandbox);
  expect(Object.keys(managers)).toEqual(["manager_0", "manager_2"]);
  for (const { rows } of Object.values(managers)) expect(rows).toEqual(before);
});

it("keeps what the half-formed pair left", async () => {
  const kept = (await readdir(mnesiaOf("manager_0"))).filter((name) => name.endsWith(".unformed-1"));
  expect(kept).toHaveLength(1);
  expect(await readdir(join(mnesiaOf("manager_0"), kept[0]!))).toContain("schema.DAT");
});
