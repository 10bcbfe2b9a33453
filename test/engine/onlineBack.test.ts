import { mkdir, readdir, readFile, rename, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { beforeAll, describe, expect, it, test } from "vitest";
import { entries } from "../../leofs/incident/entries";
import { Journal } from "../../leofs/incident/journal";
import type { Manager } from "../../leofs/manager/manager";
import { downWhenLookedAt } from "../../leofs/manager/proven";
import { besideOf, makeBeside } from "../../leofs/pair/replicaDirectory";
import { addCopy, joinReplica, replicaFacts } from "../../leofs/pair/replicaTables";
import { startReplicaVm } from "../../leofs/pair/replicaVm";
import { Session } from "../../providers/session/session";
import { incidentDirectory } from "../../providers/targets/arguments";
import { readClusters } from "../../recovery";
import { eventually } from "../../sandbox/commands";
import { processesOf } from "../../sandbox/processes";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { sh } from "../support/shell";
import { pidsOf } from "./support/clusterFacts";
import { type Ran, rigForThisFile } from "./support/recoveryRig";
import { managerSettings } from "./support/refusalRig";
import { makeStubborn } from "./support/stubbornControl";
import { type Written, writeAsFast } from "./support/writer";

const rig = rigForThisFile({ storages: 1 });

const nodeOf = (name: string) => rig.sandbox.manager(name).node;
const confOf = (manager: string) =>
  readFile(join(rig.sandbox.manager(manager).home, "etc/leo_manager.conf"), "utf8");

async function lostMaster(
  prepare: () => Promise<unknown> = async () => undefined,
): Promise<Record<string, unknown>> {
  const sandbox = await rig.begin();
  await prepare();
  await sandbox.lose("master");
  await sandbox.spare();
  return { ...takeoverSettings(sandbox.description, "online"), method: "online" };
}

const evaluate = (manager: string, expression: string) => rig.sandbox.evaluate(nodeOf(manager), expression);

/** Makes a table that LeoFS does not have, with one row. @param on an Erlang list of the managers that get it */
async function makeTable(name: string, on: string): Promise<void> {
  const made = `mnesia:create_table(${name}, [{disc_copies, ${on}}, {attributes, [id, command]}])`;
  expect(await evaluate("manager_0", made)).toBe("{atomic, ok}");
  await evaluate("manager_0", `mnesia:dirty_write({${name}, 1, <<"create-user. a">>})`);
}

/** The next temporary VM under a manager's name does not start. */
async function failReplicaOnce(manager: string): Promise<void> {
  const { home } = rig.sandbox.manager(manager);
  const erts = (await readdir(home)).find((name) => name.startsWith("erts-"))!;
  const program = join(home, erts, "bin/erlexec");
  await rename(program, `${program}.real`);
  const words = `case "$*" in *"-leofs_recovery replica"*) mv -- "${program}.real" "${program}"; echo no room for it >&2; exit 1 ;; esac`;
  await writeFile(program, `#!/bin/sh\n${words}\nexec "${program}.real" "$@"\n`, { mode: 0o755 });
}

/** The two managers as a step of a recovery sees them. */
async function managersOf(settings: Record<string, unknown>) {
  const { survivor, replacement } = readClusters({ production: settings })[0]!.takeover!;
  const common = { cluster: "production", incident: "online" };
  const session = new Session();
  for (const target of [survivor, replacement])
    await session
      .hostOf(target)
      .run(sh('mkdir -p -- "$1"'), { list: [`${incidentDirectory(target, common)}/journal`] });
  return Promise.all([session.managerOf(survivor, common), session.managerOf(replacement, common)]);
}

/** A replica of the serving manager whose VM has copies of some tables. */
async function halfReplica(serving: Manager, made: Manager) {
  // As a step of the recovery leaves it before the VM starts: there, and empty.
  await made.host.run(sh('mkdir -p -- "$1"'), { list: [made.settings.mnesiaDirectory] });
  const down = downWhenLookedAt(made)!;
  await makeBeside(down);
  const vm = await startReplicaVm(down, besideOf(down));
  await joinReplica(serving, made.spec.node);
  const { tables } = await replicaFacts(serving);
  for (const table of tables.filter(({ name }) => /^leo_s3/.test(name)))
    await addCopy(serving, made.spec.node, table);
  return vm;
}

describe("a replica that was left half-made when its run was killed", () => {
  let ran: Ran;
  let before: number[];
  let whileHung: string;
  let refused: string;
  let left: Awaited<ReturnType<typeof vms>>;

  /** Processes of a temporary VM. */
  const vms = async () =>
    (await processesOf(rig.sandbox.directory)).filter(({ commandLine }) =>
      commandLine.includes("-leofs_recovery replica"),
    );

  beforeAll(async () => {
    const settings = await lostMaster();
    await makeStubborn(rig.sandbox, "manager_2");
    before = await pidsOf(rig.sandbox, "manager_1");
    const [serving, made] = await managersOf(settings);
    const vm = await halfReplica(serving!, made!);
    const hung = await vms();
    for (const { pid } of hung) process.kill(pid, "SIGSTOP");
    whileHung = await rig.sandbox.console("manager_1", "create-user while-hung");
    for (const { pid } of hung) process.kill(pid, "SIGCONT");
    await vm.drop();
    left = await vms();
    refused = await joinReplica(serving!, made!.spec.node).then(
      () => "not refused",
      (error: Error) => error.message,
    );
    for (const { place } of [serving!, made!])
      await entries.check.finish(new Journal(place), { good: 0, master: 1, why: "begun", method: "online" });
    await entries.replica(made!.spec.node).begin(new Journal(made!.place), { serving: "" });
    await rig.configure(settings);
    ran = await rig.up();
  });

  it("holds up no write for long while its VM hangs", () => {
    expect(whileHung).toContain("secret-access-key");
  });

  it("ends with its VM's input: no process of it is left", () => {
    expect(left).toEqual([]);
  });

  it("is refused with Mnesia's own words where no VM is there", () => {
    expect(refused).toMatch(/^manager_1@\S+ refused to count manager_2@\S+ among its replicas: .*not_joined/);
  });

  it("is taken back and made again; the serving manager goes on", async () => {
    expect(ran.error).toContain("did not start");
    const [serving] = await managersOf({
      ...takeoverSettings(rig.sandbox.description, "online"),
      method: "online",
    });
    const facts = await replicaFacts(serving!);
    expect(facts.known).toEqual([nodeOf("manager_1"), nodeOf("manager_2")]);
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(before);
    const again = await rig.up();
    expect(again.error).toBeUndefined();
    expect(again.outcome.verdict).toBe("recovered");
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(before);
  });
});

test("a serving manager that was stopped while a replica was made does not wait for that one for ever", async () => {
  const settings = await lostMaster();
  const [stays, made] = await managersOf(settings);
  const vm = await halfReplica(stays!, made!);
  await rig.sandbox.stopManager("manager_1");
  await vm.drop();
  for (const { place } of [stays!, made!]) {
    await entries.check.finish(new Journal(place), { good: 0, master: 1, why: "begun", method: "online" });
    await entries.replica(made!.spec.node).begin(new Journal(place), { serving: "" });
  }
  await rig.configure({ ...settings, rollback: true });
  const { error, outcome, messages } = await rig.up();
  expect(error).toBeUndefined();
  expect(outcome.verdict).toBe("rolled back");
  expect(JSON.stringify(messages)).toContain(`telling ${stays!.spec.node} that ${made!.spec.node} is down`);
  expect(await evaluate("manager_1", "mnesia:table_info(leo_s3_users, disc_copies)")).not.toContain(
    made!.spec.node,
  );
  expect(await readdir(dirname(made!.settings.mnesiaDirectory))).not.toContain(basename(besideOf(made!)));
  expect(await rig.sandbox.console("manager_1", "create-user afterwards")).toContain("secret-access-key");
});

describe("an online takeover that stopped half-way is rolled back", () => {
  let before: { pids: number[]; confs: string[] };
  let rolledBack: Ran;

  beforeAll(async () => {
    // Nobody has that one any more.
    const settings = {
      ...(await lostMaster(() => makeTable("only_there", "[node()]"))),
      accept: ["lostTable"],
    };
    before = {
      pids: await pidsOf(rig.sandbox, "manager_1"),
      confs: [await confOf("manager_1"), await confOf("manager_2")],
    };
    await makeStubborn(rig.sandbox, "manager_2");
    await rig.configure(settings);
    const failed = await rig.up();
    expect(failed.error).toContain("did not start");
    await rig.sandbox.writeData({ users: 1 }, { prefix: "meanwhile-", through: "manager_1" });
    await rig.configure({ ...settings, rollback: true });
    rolledBack = await rig.up();
  });

  it("takes the replica out again, and the serving manager never stops", async () => {
    expect(rolledBack.error).toBeUndefined();
    expect(rolledBack.outcome.verdict).toBe("rolled back");
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(before.pids);
    expect(await pidsOf(rig.sandbox, "manager_2")).toEqual([]);
    expect([await confOf("manager_1"), await confOf("manager_2")]).toEqual(before.confs);
    const [serving] = await managersOf({
      ...takeoverSettings(rig.sandbox.description, "online"),
      method: "online",
    });
    const { known, tables } = await replicaFacts(serving!);
    expect(known).toEqual([nodeOf("manager_1")]);
    expect(new Set(tables.flatMap(({ disc }) => disc))).toEqual(new Set([nodeOf("manager_1")]));
    const partners = await rig.sandbox.evaluate(
      nodeOf("manager_1"),
      "application:get_env(leo_manager, manager_partners)",
    );
    expect(partners).toContain(nodeOf("manager_0"));
    const { users } = (await rig.sandbox.json("manager_1", "get-users")) as { users: { user_id: string }[] };
    expect(users.map(({ user_id }) => user_id)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^meanwhile-/)]),
    );
  });
});

describe("a lost manager that is started again after an online takeover", () => {
  beforeAll(async () => {
    const sandbox = await rig.begin();
    await makeTable("leo_histories", "mnesia:system_info(running_db_nodes)");
    await sandbox.stopManager("manager_0");
    const fresh = await sandbox.spare({ role: "master" });
    await rig.configure({
      incident: "returns",
      method: "online",
      takeover: {
        lost: nodeOf("manager_0"),
        survivor: managerSettings(sandbox, "manager_1"),
        replacement: managerSettings(sandbox, fresh),
      },
    });
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    await sandbox.startManager("manager_0");
    await eventually("the lost manager to join again", 60_000, async () =>
      (await strangers())?.includes(nodeOf("manager_0")) ? true : undefined,
    );
  });

  it("leaves the new pair with a table that LeoFS does not have, and its rows", async () => {
    const row = 'mnesia:dirty_read(leo_histories, 1) =:= [{leo_histories, 1, <<"create-user. a">>}]';
    expect(await evaluate("manager_2", row)).toBe("true");
    expect(await evaluate("manager_2", "mnesia:table_info(leo_histories, disc_copies)")).toContain(
      nodeOf("manager_2"),
    );
  });

  /** Managers that the tables of the survivor are on. */
  async function strangers(): Promise<string | undefined> {
    return rig.sandbox.evaluate(nodeOf("manager_1"), "mnesia:table_info(leo_s3_users, disc_copies)");
  }

  it("is found by a refresh, and named as debt while it runs", async () => {
    await rig.refresh();
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered with debt");
    expect(ran.outcome.debt.join()).toContain(`${nodeOf("manager_0")} is back, with a third copy`);
  });

  it("is taken out by the next up once it is down", async () => {
    await rig.sandbox.stopManager("manager_0");
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect(await strangers()).not.toContain(nodeOf("manager_0"));
  });
});

describe("a manager that is alive moves", () => {
  /** Managers that the tables of the one that stays are on. */
  const copies = () =>
    rig.sandbox.evaluate(
      nodeOf("manager_1"),
      "lists:usort(lists:append([mnesia:table_info(T, disc_copies) || T <- mnesia:system_info(tables)]))",
    );
  const runs = async (manager: string) => (await pidsOf(rig.sandbox, manager)).length === 1;
  let settings: Record<string, unknown>;
  let serving: number[];

  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.spare({ role: "master" });
    const { backupDirectory: _, ...from } = managerSettings(sandbox, "manager_0");
    const [stays, to] = ["manager_1", "manager_2"].map((name) => managerSettings(sandbox, name));
    settings = { incident: "moves", move: { from, stays, to } };
    serving = await pidsOf(sandbox, "manager_1");
    await rig.configure(settings);
  });

  it("says in preview when it is stopped, and is refused while the pair is not whole", async () => {
    const preview = await rig.preview();
    expect(preview.error).toBeUndefined();
    expect(preview.plan.join("\n")).toContain(`stop ${nodeOf("manager_0")} and fence it`);
    await evaluate("manager_1", "mnesia:create_table(own_table, [{ram_copies, [node()]}])");
    await rig.sandbox.stopManager("manager_0");
    const refused = await rig.up();
    expect(refused.error).toContain(`${nodeOf("manager_0")} is to move, but it does not answer`);
    expect(refused.error).toContain("has own_table in memory only");
    await rig.sandbox.startManager("manager_0");
    await expect
      .poll(() => rig.sandbox.serves("manager_0").catch(() => false), { timeout: 60_000 })
      .toBe(true);
    expect(await evaluate("manager_1", "mnesia:delete_table(own_table)")).toBe("{atomic, ok}");
  });

  it("runs on beside the other one where onFailure is rollback and the copy fails", async () => {
    const pids = await pidsOf(rig.sandbox, "manager_0");
    await failReplicaOnce("manager_2");
    await rig.configure({ ...settings, incident: "fails", onFailure: "rollback" });
    const failed = await rig.up();
    expect(failed.error).toMatch(/temporary VM of \S+ did not serve: ended \(exit 1\).*no room for it/s);
    expect(failed.error).toContain("ROLLED BACK, as onFailure says");
    expect(await copies()).toBe(`['${nodeOf("manager_0")}', '${nodeOf("manager_1")}']`);
    expect(await pidsOf(rig.sandbox, "manager_0")).toEqual(pids);
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(serving);
    const again = await rig.up();
    expect(again.error).toContain("was rolled back");
    await rig.configure(settings);
  });

  it("says who serves when it was stopped and cannot be fenced", async () => {
    const staged = `${join(rig.sandbox.manager("manager_0").home, "bin/leo_manager")}.fence-staged`;
    await mkdir(staged);
    const failed = await rig.up();
    await rmdir(staged);
    expect(failed.error).toMatch(
      /manager_0@\S+ could not be fenced: .*Its control script is as it was\. Mend that\./s,
    );
    expect(failed.error).toContain(
      `${nodeOf("manager_1")} serves alone: ${nodeOf("manager_0")} is stopped by now, and ${nodeOf("manager_2")} was taken out again. To have ${nodeOf("manager_0")} back instead: rollback: true. Run pulumi up again.`,
    );
    expect(await pidsOf(rig.sandbox, "manager_0")).toEqual([]);
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(serving);
    expect(await copies()).toBe(`['${nodeOf("manager_0")}', '${nodeOf("manager_1")}']`);
  });

  it("runs again beside the other one after a rollback", async () => {
    await makeStubborn(rig.sandbox, "manager_2");
    const failed = await rig.up();
    expect(failed.error).toContain("did not start");
    expect(await pidsOf(rig.sandbox, "manager_0")).toEqual([]);
    await rig.configure({ ...settings, rollback: true });
    const back = await rig.up();
    expect(back.error).toBeUndefined();
    expect(back.outcome.verdict).toBe("rolled back");
    await eventually("both old managers to have every table", 60_000, async () => {
      const found = await copies();
      return found?.includes(nodeOf("manager_0")) && !found.includes(nodeOf("manager_2")) ? true : undefined;
    });
    expect(await runs("manager_0")).toBe(true);
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(serving);
  });

  it("moves while a client writes as fast as it is answered: no write fails", async () => {
    await rig.configure({ ...settings, incident: "moves-again" });
    const stop = writeAsFast(rig.sandbox, "manager_1", "moving");
    const ran = await rig.up();
    const written: Written = await stop();
    console.log(`move: ${written.answers} writes, longest pause ${Math.round(written.longestPauseMs)} ms`);
    expect(ran.error).toBeUndefined();
    expect(ran.outcome).toMatchObject({ verdict: "recovered", outageSeconds: 0, debt: [] });
    expect(written.failed).toEqual([]);
    expect(await copies()).toBe(`['${nodeOf("manager_1")}', '${nodeOf("manager_2")}']`);
    expect(await pidsOf(rig.sandbox, "manager_0")).toEqual([]);
    expect(await pidsOf(rig.sandbox, "manager_1")).toEqual(serving);
    const { users } = (await rig.sandbox.json("manager_2", "get-users")) as { users: { user_id: string }[] };
    const there = new Set(users.map(({ user_id }) => user_id));
    expect(written.held.filter((user) => !there.has(user))).toEqual([]);
  });
});
