import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { downWhenLookedAt } from "../../leofs/manager/proven";
import { startReplicaVm } from "../../leofs/pair/replicaVm";
import { Session } from "../../providers/session/session";
import { paths } from "../../sandbox/layout";
import { processesOf } from "../../sandbox/processes";
import { targetOf } from "../engine/support/refusalRig";
import { sh } from "../support/shell";
import { until, untilReply } from "./managerSupport";
import { recordedCluster } from "./recordedCluster";
import { recordings, recordingsPresent } from "./recording";

if (!recordingsPresent)
  console.warn(
    `LEFT OUT: the transcript test of online. There are no recordings in ${recordings}; set LEOFS_RECORDINGS.`,
  );

/** What each command of an `online-*` recording printed, by the beginning of the command; managers renamed as here. */
function recorded(name: string, begins: string, rename: Record<string, string> = {}): string[] {
  const text = Object.entries(rename).reduce(
    (all, [from, to]) => all.replaceAll(from, to),
    readFileSync(join(recordings, "transcripts", `${name}.txt`), "utf8"),
  );
  const found = text.split(/^(?:\$|==|#####) /m).find((part) => part.startsWith(begins));
  if (!found) throw new Error(`${name}.txt has no command that begins with "${begins}"`);
  return found.split("\n").slice(1).filter(Boolean);
}

/** A list's order is Mnesia's own choice. */
const sorted = (text = ""): string =>
  text
    .replace(/^\{ok, ([\s\S]*)\}$/, "$1")
    .replaceAll(/\[([^[\]]*)\]/g, (_, items: string) => `[${items.split(", ").sort().join(", ")}]`);

const node = (number: number) => `'manager_${number}@127.0.0.1'`;
const DISCS =
  "lists:usort([lists:sort(mnesia:table_info(T, disc_copies)) || T <- mnesia:system_info(tables)])";
/** What of a replacement's tables could not be copied. */
const COPY = (number: number) =>
  `[T || T <- mnesia:system_info(tables) -- [schema], mnesia:add_table_copy(T, ${node(number)}, disc_copies) =/= {atomic, ok}]`;
const JOIN = (number: number) =>
  `mnesia:change_config(extra_db_nodes, [${node(number)}]), mnesia:change_table_copy_type(schema, ${node(number)}, disc_copies), ${COPY(number)}`;
const FACTS = `{node(), mnesia:system_info(is_running), mnesia:system_info(running_db_nodes), mnesia:system_info(db_nodes),
  catch mnesia:table_info(leo_s3_users, size), catch mnesia:table_info(leo_s3_users, disc_copies)}`;

describe.skipIf(!recordingsPresent)("as recorded on LeoFS 1.4.4: online", () => {
  const { cluster, rig } = recordedCluster();
  const ask = async (number: number, expression: string) =>
    sorted(await cluster().evaluate(node(number).slice(1, -1), expression));
  const vm = async (number: number) => {
    const name = `manager_${number}`;
    const manager = await new Session().managerOf(targetOf(cluster(), name), { cluster: "c", incident: "i" });
    await manager.host.run(
      sh('mkdir -p -- "$1"'),
      { list: [manager.settings.mnesiaDirectory] },
      { as: manager.as },
    );
    return startReplicaVm(downWhenLookedAt(manager)!, manager.settings.mnesiaDirectory);
  };

  test("a takeover of the master (online-takeover)", async () => {
    const say = (begins: string) => recorded("online-takeover", begins).map(sorted);
    await cluster().console("manager_0", "create-user alice");
    await rig().prepare("killrig.sh /srv/leofs/leo_manager_0; run.sh newnode 2 master manager_1@127.0.0.1");
    const temporary = await vm(2);
    const { home } = cluster().manager("manager_2");
    expect(await cluster().run("manager_2", `'${join(home, "bin/leo_manager")}' start`)).toMatchObject({
      code: 1,
      stdout: "Node is already running!\n",
    });
    expect([await ask(1, `{${JOIN(2)}, mnesia:del_table_copy(schema, ${node(0)})}`)]).toEqual(
      say("erl_call manager_1: {change_config"),
    );
    expect([await ask(1, DISCS)]).toEqual(say("erl_call manager_1: all distinct disc_copies"));
    await temporary.close();
    const left = await processesOf(cluster().directory);
    expect(left.filter(({ commandLine }) => commandLine.includes("-leofs_recovery replica"))).toEqual([]);
    const files = await readdir(paths.mnesia(home));
    expect(files.filter((name) => /\.DCD$|^schema\.DAT$/.test(name))).toHaveLength(23);
    const [before] = say("erl_call manager_1: {get_env manager_partners");
    const partners = `{application:get_env(leo_manager, manager_partners), application:set_env(leo_manager, manager_partners, [${node(2)}])}`;
    // LeoFS's `monitors`, the third of the recording, is of an application that the sandbox does not have.
    expect(before).toContain((await ask(1, partners)).slice(1, -1));
    await cluster().startManager("manager_2");
    await untilReply(cluster(), "manager_2", "version", /1\.4\.4/);
    const pair = "manager_2@127.0.0.1 manager_1@127.0.0.1";
    const [ok] = recorded("online-takeover", 'con.py 10012 "update-managers');
    // The storage node is `running` for it only once it has looked: the recording has 6 s in between.
    await untilReply(cluster(), "manager_2", `update-managers ${pair}`, new RegExp(`^${ok}\\r`));
    for (const name of ["storage_0", "gateway_0"])
      expect(recorded("online-takeover", "mgrs.sh").join()).toContain(
        `{ok,[${(await cluster().managersFollowed(name))?.map((manager) => `'${manager}'`).join(",")}]}`,
      );
    const each =
      "{node(), mnesia:system_info(running_db_nodes), mnesia:system_info(db_nodes), length(mnesia:system_info(tables)), application:get_env(leo_manager, manager_partners)}";
    for (const line of say("erl_call each"))
      expect(line).toContain(
        (await ask(/^\{'manager_(\d)/.exec(line)![1] === "1" ? 1 : 2, each)).slice(0, -1),
      );
    expect((await cluster().console("manager_2", "version all")).split("\r\n")).toEqual(
      expect.arrayContaining(
        recorded("online-takeover", 'con.py 10012 "version all"').filter((line) => /^ {2}M /.test(line)),
      ),
    );
  });

  test("the lost manager, started again, joins as a third replica (online-lost-returns)", async () => {
    const rename = { manager_7: "manager_0", manager_8: "manager_1", manager_9: "manager_2" };
    // How many users there are is the recording's own.
    const without = (line: string) => line.replace(/\], \d+, \[/, "], N, [");
    const say = (begins: string) =>
      recorded("online-lost-returns", begins, rename).map((line) => without(sorted(line)));
    const seen = async (number: number) => without(await ask(number, FACTS));
    expect([await seen(1)]).toEqual(say("before"));
    await cluster().startManager("manager_0");
    const [returned, serving] = say("4 s after its start");
    expect(
      await until(
        () => seen(0),
        (line) => line === returned,
      ),
    ).toBe(returned);
    expect(
      await until(
        () => seen(1),
        (line) => line === serving,
      ),
    ).toBe(serving);
    await cluster().stopManager("manager_0");
    expect(await ask(1, `mnesia:del_table_copy(schema, ${node(0)})`)).toBe("{atomic, ok}");
  });

  test("the slave's replica replaced under its own name (online-in-place)", async () => {
    const [wanted] = recorded("online-in-place", "erl_call manager_2: {del_table_copy").map(sorted);
    await rig().prepare("killrig.sh /srv/leofs/leo_manager_1; rm leo_manager_1/work/mnesia/127.0.0.1/*");
    const temporary = await vm(1);
    const asked = `{mnesia:del_table_copy(schema, ${node(1)}), ${JOIN(1)}, ${DISCS}}`;
    expect(await ask(2, asked)).toBe(wanted);
    await temporary.close();
  });
});
