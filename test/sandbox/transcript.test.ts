import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { command } from "../../sandbox/commands";
import { startPair, stopAll, until } from "./managerSupport";
import { recordedCluster } from "./recordedCluster";
import { readRace, recordings, recordingsPresent } from "./recording";

if (!recordingsPresent)
  console.warn(
    `LEFT OUT: the transcript test. There are no recordings in ${recordings}; set LEOFS_RECORDINGS.`,
  );

const folder = (manager: number) => `leo_manager_${manager}/work/mnesia/127.0.0.1/`;
const files = (manager: number) => `${folder(manager)}*`;

describe.skipIf(!recordingsPresent)("as recorded on LeoFS 1.4.4: commands, and in place", () => {
  const { cluster, rig, follow } = recordedCluster();

  test("the control script (a1)", () => follow("a1"));
  test("leofs-adm (c1)", () => follow("c1"));
  test("both consoles (c2)", () => follow("c2"));
  test("dump, load, backup (c3)", () => follow("c3"));
  test("update-managers, and the partner stopped (c4)", () => follow("c4"));
  test("start to ready (d0)", () => follow("d0"));
  test("the donor stopped first (d1A)", async () => {
    await rig().remember("fp-before.txt", 10010);
    await follow("d1A");
  });
  test("both directions; the copy forgotten (d1B)", () =>
    follow("d1B", {
      3: (machine) => machine.prepare(`rm ${files(0)}; cp ${files(1)} ${folder(0)}`),
      10: (machine) => machine.prepare(`rm ${files(1)}; cp ${files(0)} ${folder(1)}`),
      17: (machine) => machine.prepare(`rm ${files(0)}`),
    }));

  // The recordings hold six starts of each kind; the sandbox plays the first two.
  for (const [kind, first, second] of [
    ["ms", "manager_0", "manager_1"],
    ["sm", "manager_1", "manager_0"],
  ] as const)
    test.each(readRace(kind).slice(0, 2))(`empty directories, ${kind}: %s`, async (recorded) => {
      for (const name of ["manager_1", "manager_0"])
        if (await cluster().isRunning(name)) await cluster().stopManager(name);
      await rig().prepare(`rm -f ${files(0)} ${files(1)}`);
      await cluster().startManager(first);
      await until(
        () =>
          cluster()
            .console(first, "version")
            .catch(() => ""),
        (reply) => reply !== "",
      );
      await cluster().startManager(second);
      const line = async (name: string) =>
        (
          await cluster()
            .console(name, "status")
            .catch(() => "CONNECT ConnectionRefusedError [Errno 111] Connection refused")
        ).split("\r\n")[0];
      const seen = async () => `master[${await line("manager_0")}] slave[${await line("manager_1")}]`;
      const wanted = /master\[.*\] slave\[.*\](?= )/.exec(recorded)![0];
      expect(await until(seen, (now) => now === wanted)).toBe(wanted);
    });
});

describe.skipIf(!recordingsPresent)("as recorded on LeoFS 1.4.4: takeovers", () => {
  const { cluster, follow } = recordedCluster();

  beforeAll(async () => {
    for (const line of [
      "create-user alice",
      "create-user bob",
      "add-bucket photo 05236",
      "add-bucket docs 05236",
      "add-endpoint s3.test.local",
    ])
      await cluster().console("manager_0", line);
  });

  test("the slave is lost (d2a)", () => follow("d2a"));
  test("the master is lost, the slave started first (d2b)", () => follow("d2b"));
  test("the same in the right order (d2b2)", () =>
    follow("d2b2", { 7: (machine) => machine.prepare(`rm -f ${files(2)} ${files(3)}`) }));
});

describe.skipIf(!recordingsPresent)("as recorded on LeoFS 1.4.4: a slow takeover", () => {
  const { rig, follow } = recordedCluster();

  test("the master is lost (gap)", async () => {
    await rig().prepare("con.py 10010 'create-user alice'; con.py 10010 'add-bucket photo 05236'");
    await rig().prepare("killrig.sh /srv/leofs/leo_manager_0; mv leo_manager_0 ../old/");
    const partner =
      "sed -i 's/^manager.partner = .*/manager.partner = manager_2@127.0.0.1/' leo_manager_1/etc/leo_manager.conf";
    await follow(
      "gap",
      {
        3: (machine) =>
          machine.prepare(`rm ${files(1)}; ${partner}; run.sh newnode 2 master manager_1@127.0.0.1`),
      },
      // What follows tries out files and confs that the recording does not show.
      (step) => step.number <= 13,
    );
  });
});

describe.skipIf(!recordingsPresent)("data of a real LeoFS 1.4.4", () => {
  const { cluster, rig } = recordedCluster();
  const data = (name: string) => join(recordings, "data", name);
  const ask = async (port: number, line: string) =>
    (await command("nc", ["-N", "127.0.0.1", String(port)], { stdin: `${line}\r\nquit\r\n` })).stdout;
  /** A dump's rows, sorted: their order is each node's own. Without those that a running node rewrites with its ring hash. */
  const terms = (file: string) =>
    readFileSync(file, "latin1")
      .replace(/^\{tables,[\s\S]*?\]\}\]\}\.\n/, "")
      .split(/\.\n(?=\{|$)/)
      .filter((term) => !/^\{leo_(gateway|storage)_nodes,/.test(term))
      .sort();

  test("the recorded dump, loaded, gives the same rows in a dump of the other manager", async () => {
    const load = await cluster().control("master", "load-mnesia-data", data("dump-mnesia-data.txt"));
    expect([load.code, load.stdout.match(/just entering data/g)?.length]).toEqual([1, 22]);
    const file = join(cluster().manager("slave").backups, "again.txt");
    await cluster().control("slave", "dump-mnesia-data", file);
    const wanted = terms(data("dump-mnesia-data.txt"));
    expect(terms(file)).toEqual(expect.arrayContaining(wanted));
  });

  test("on the recorded Mnesia directories both managers come up and answer as recorded, byte for byte", async () => {
    await stopAll(cluster(), "slave", "master");
    for (const number of [0, 1])
      await rig().prepare(
        `rm ${files(number)}; tar xzf ${data(`manager_${number}.mnesia.tar.gz`)} -C leo_manager_${number}/work/mnesia`,
      );
    await startPair(cluster());
    for (const what of ["get-users", "get-buckets", "get-endpoints"])
      for (const [offset, port] of [
        [0, 10010],
        [1, 10011],
        [0, 10020],
        [1, 10021],
      ] as const) {
        const kind = port - offset;
        expect(await ask(port, what)).toBe(readFileSync(data(`console-${kind}-${what}.bin`), "utf8"));
      }
  });
});
