import { appendFile, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { RecoveryCheckInputs } from "../../providers/check/recoveryCheckTypes";
import { expectRefusal, planned, sandboxForFile, takeoverInputs, withFile } from "./support/refusalRig";

const sandbox = sandboxForFile();
const names = { lost: "manager_0", survivor: "manager_1", replacement: "manager_2" };
const takeover = (): RecoveryCheckInputs => takeoverInputs(sandbox(), names);
const replacement = () => sandbox().manager("manager_2");
const survivor = () => sandbox().manager("manager_1");

const conf = () => join(replacement().home, "etc", "leo_manager.conf");
const withConf = async (change: (text: string) => string, run: () => Promise<unknown>) =>
  withFile(conf(), change(await readFile(conf(), "utf8")), run);

beforeAll(async () => {
  await sandbox().spare({ role: "master" });
});

describe("a takeover is refused before any change", () => {
  it("while the manager called lost still answers", async () => {
    const message = await expectRefusal(sandbox(), takeover(), {
      says: [
        /^the takeover of production is refused, nothing was changed on any host:\n/,
        /manager_0@\S+ is called lost, but it answers \(asked from \S+: it answered over Erlang distribution\)/,
        /Use in-place recovery\. Is it to be replaced all the same\? See first what users wrote on it/,
      ],
    });
    expect(message.split("\n")).toHaveLength(2);
  });

  it("while the survivor's partner is alive and another one is called lost, whatever is accepted", async () => {
    const typo = { ...takeover(), recovery: { kind: "takeover", lost: "manager_9@127.0.0.1" } as const };
    await expectRefusal(
      sandbox(),
      { ...typo, accept: ["lostUnknown"] },
      {
        plan: /WOULD BE REFUSED: manager_0@\S+ is a manager of this cluster, and it is alive/,
        says: [/manager_0@\S+ is a manager of this cluster, and it is alive \(asked from \S+: it answered/],
      },
    );
  });

  it("when survivor and replacement are swapped", async () => {
    const swapped = takeoverInputs(sandbox(), {
      lost: "manager_1",
      survivor: "manager_2",
      replacement: "manager_0",
    });
    const message = await expectRefusal(sandbox(), swapped, {
      says: [/the replacement manager_0@\S+ already holds .*it runs and serves 22 tables.*swapped/],
    });
    expect(message).not.toMatch(/aside|delete/);
  });

  describe("once the manager is really gone", () => {
    beforeAll(async () => {
      await sandbox().lose("master");
    });

    it("is not refused as it stands: what follows is refused for its own reason", async () => {
      const plan = await planned(takeover());
      expect(plan).toMatch(/takeover of manager_0@/);
      expect(plan).toMatch(/manager_0@\S+ does not answer/);
      expect(plan).not.toMatch(/REFUSED|NOT REACHED|cannot/);
    });

    it("when the replacement already holds data", async () => {
      const folder = join(replacement().home, "work", "mnesia", "127.0.0.1");
      await mkdir(folder, { recursive: true });
      await withFile(join(folder, "schema.DAT"), "rows of somebody", () =>
        expectRefusal(sandbox(), takeover(), {
          says: [
            /the replacement manager_2@\S+ already holds Mnesia files \(1 in \S+, 16 bytes\)/,
            /Are survivor and replacement swapped, or is the home another's\?/,
          ],
        }),
      );
    });

    it("when the cookies differ, showing neither", async () => {
      await withConf(
        (text) => text.replace(/^distributed_cookie = .*$/m, "distributed_cookie = differentcookie"),
        async () => {
          const message = await expectRefusal(sandbox(), takeover(), {
            says: [/different distributed_cookie values/, /Set the cluster's cookie in \S+leo_manager\.conf/],
          });
          expect(message).not.toContain("differentcookie");
        },
      );
    });

    it.each(["online", "offline"] as const)(
      "%s, when the survivor does not reach the host of the new one",
      async (method) => {
        const inputs = takeover();
        const [serving, { node, ...made }] = inputs.managers;
        // No host: what connects to it is told so at once.
        const beyond = node.replace(/@.*/, "@127.255.255.255");
        await withConf(
          (text) => text.replace(/^nodename = .*$/m, `nodename = ${beyond}`),
          () =>
            expectRefusal(
              sandbox(),
              {
                ...inputs,
                recovery: { ...inputs.recovery, method },
                managers: [serving, { ...made, node: beyond }],
              },
              {
                says: [
                  /manager_1@\S+ does not reach the host of manager_2@127\.255\.255\.255 \(port \d+: enetunreach\)/,
                  /Open epmd's port \(4369\) and the distribution ports between the two hosts/,
                ],
              },
            ),
        );
      },
    );

    /** A release is what its `lib/leo_manager-<version>` says. */
    const withVersion = async (version: string, run: () => Promise<unknown>): Promise<void> => {
      const lib = join(replacement().home, "lib");
      await rename(join(lib, "leo_manager-1.4.4"), join(lib, `leo_manager-${version}`));
      try {
        await run();
      } finally {
        await rename(join(lib, `leo_manager-${version}`), join(lib, "leo_manager-1.4.4"));
      }
    };

    it("when the replacement is another version of LeoFS", async () => {
      await withVersion("1.4.3", () =>
        expectRefusal(sandbox(), takeover(), {
          says: [/is LeoFS 1\.4\.4.* is LeoFS 1\.4\.3: install the same version on both/],
        }),
      );
    });

    it("when the replacement is LeoFS 2, by its name and by nothing else", async () => {
      await withVersion("2.0.0", async () => {
        const message = await expectRefusal(sandbox(), takeover(), {
          says: [/is an installation of LeoFS 2\.0\.0\. leofs-recovery knows LeoFS 1 only/],
        });
        expect(message.split("\n").filter((line) => line.includes("LeoFS 2"))).toHaveLength(1);
      });
    });

    it("when a new master's conf disagrees with the cluster", async () => {
      await withConf(
        (text) =>
          text
            .replace(/^consistency\.num_of_replicas = .*$/m, "consistency.num_of_replicas = 3")
            .replace(/^system\.cluster_id = .*$/m, "system.cluster_id = another"),
        () =>
          expectRefusal(sandbox(), takeover(), {
            says: [
              /consistency\.num_of_replicas must be 1, as in the cluster: \S+ line \d+ sets it to 3\. Set consistency\.num_of_replicas = 1/,
              /system\.cluster_id must be leofs_1.* sets it to another/,
              /accept: \[systemConf\]/,
            ],
          }),
      );
    });

    it("when LeoFS could not read a manager's conf", async () => {
      await withConf(
        (text) => `${text}console.port.cui\n`,
        () =>
          expectRefusal(sandbox(), takeover(), {
            says: [/line \d+ has no `=`/, /Complete the line, or put a # before it/],
          }),
      );
      await withFile(conf(), undefined, () =>
        expectRefusal(sandbox(), takeover(), { says: [/leo_manager\.conf is not there/] }),
      );
    });

    it("when both managers have the same role", async () => {
      await withConf(
        (text) => `${text}manager.mode = slave\n`,
        () =>
          expectRefusal(sandbox(), takeover(), {
            says: [/are both configured as slave/, /set manager\.mode in its conf/],
          }),
      );
    });

    it("when the home is wrong, absent or of another node", async () => {
      const [good, target] = takeover().managers;
      const withHome = (change: object) => ({
        ...takeover(),
        managers: [good, { ...target, ...change }] as [typeof good, typeof good],
      });
      await expectRefusal(sandbox(), withHome({ home: `${target.home}/etc` }), {
        says: [/holds no bin\/leo_manager/, /Set the manager's home, the directory above bin\//],
      });
      await expectRefusal(sandbox(), withHome({ home: `${target.home}-of-nobody` }), {
        says: [/-of-nobody is not there/, /It holds bin\/leo_manager/],
      });
      await expectRefusal(sandbox(), withHome({ node: "manager_7@10.0.0.7" }), {
        says: [
          /is the home of manager_2@\S+, not of manager_7@10\.0\.0\.7/,
          /Set the right home, or the right node/,
        ],
      });
    });

    it("when the release is incomplete, or its Mnesia directory is a link", async () => {
      await withFile(join(replacement().home, "releases", "1", "start_clean.boot"), undefined, () =>
        expectRefusal(sandbox(), takeover(), {
          says: [/start_clean\.boot is not there/, /Install the release/],
        }),
      );
      const folder = join(replacement().home, "work", "mnesia", "127.0.0.1");
      await withFile(folder, undefined, async () => {
        await symlink("/var/empty-of-nobody", folder);
        await expectRefusal(sandbox(), takeover(), {
          says: [/is a symbolic link to \/var\/empty-of-nobody/, /set mnesia\.dir to the real directory/],
        });
      });
    });

    const change = async (what: string) =>
      expect(await sandbox().evaluate(survivor().node, `mnesia:transaction(fun() -> ${what} end)`)).toBe(
        "{atomic, ok}",
      );

    it("not for the rows that a rebalance of long ago left behind", async () => {
      await change(
        "mnesia:write(leo_rebalance_info, {rebalance_info, 1, 'storage_0@10.0.0.1', 10, 0, 0}, write)",
      );
      try {
        expect(await planned(takeover())).not.toMatch(/rebalance/);
      } finally {
        await change("mnesia:delete({leo_rebalance_info, 1})");
      }
    });

    it("while a rebalance is under way, which only the storage nodes' queues show", async () => {
      const { node } = sandbox().description.nodes.storage_0!;
      const left = (count: number) =>
        sandbox().evaluate(node, `application:set_env(leo_storage, leo_rebalance_queue, ${count})`);
      await left(5);
      try {
        await expectRefusal(sandbox(), takeover(), {
          says: [
            /a rebalance is under way: storage_0@\S+ has 5 messages of it left/,
            /accept: \[rebalance\]/,
          ],
        });
      } finally {
        await left(0);
      }
    });

    it.each(["attached", "detached", "reserved"])(
      "while a storage node is %s and not committed",
      async (state) => {
        const { node } = sandbox().description.nodes.storage_0!;
        const set = (to: string) =>
          change(
            `[M] = mnesia:read(leo_members_cur, '${node}'), mnesia:write(leo_members_cur, setelement(8, M, ${to}), write)`,
          );
        await set(state);
        try {
          await expectRefusal(sandbox(), takeover(), {
            says: [new RegExp(`${node} is ${state}: the ring is about to change`)],
          });
        } finally {
          await set("running");
        }
      },
    );

    it("naming everything that is wrong at once", async () => {
      await appendFile(conf(), "manager.mode = slave\n");
      const text = await readFile(conf(), "utf8");
      try {
        await withVersion("1.3.0", async () => {
          const message = await expectRefusal(sandbox(), takeover(), { says: [/1\.3\.0/, /as slave/] });
          expect(message.split("\n").filter((line) => line.startsWith("  - ")).length).toBeGreaterThan(1);
        });
      } finally {
        await writeFile(conf(), text.replace("manager.mode = slave\n", ""));
      }
    });

    it("when the survivor is down", async () => {
      await sandbox().stopManager("manager_1");
      await expectRefusal(sandbox(), takeover(), {
        says: [
          /the survivor manager_1@\S+ is down, so it cannot be asked/,
          /manager_0@\S+ went down before it, at .*: it starts without it\. Start it \(\S+\/bin\/leo_manager start\)/,
        ],
      });
    });
  });
});
