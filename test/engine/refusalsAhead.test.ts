import { createSocket } from "node:dgram";
import { once } from "node:events";
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { RecoveryCheckInputs } from "../../providers/check/recoveryCheckTypes";
import { command, succeed } from "../../sandbox/commands";
import { expectRefusal, planned, sandboxForFile, takeoverInputs, withFile } from "./support/refusalRig";

const sandbox = sandboxForFile();
const names = { lost: "manager_1", survivor: "manager_0", replacement: "manager_2" };
const takeover = (): RecoveryCheckInputs => takeoverInputs(sandbox(), names);
const survivor = () => sandbox().manager("manager_0");
const replacement = () => sandbox().manager("manager_2");
const mnesiaOf = (home: string) => join(home, "work", "mnesia", "127.0.0.1");

const withConf = async (home: string, change: (text: string) => string, run: () => Promise<unknown>) => {
  const conf = join(home, "etc", "leo_manager.conf");
  await withFile(conf, change(await readFile(conf, "utf8")), run);
};

/** Where only root, or only some file systems, can make the obstacle: says so and leaves the test. */
async function madeAsRoot(program: string, ...args: string[]): Promise<boolean> {
  const made = process.getuid?.() === 0 ? await command(program, args) : { code: 1, stderr: "not root" };
  if (made.code !== 0) console.log(`SKIPPED: ${program} ${args.join(" ")}: ${made.stderr.trim()}`);
  return made.code === 0;
}

beforeAll(async () => {
  await sandbox().lose("slave");
  await sandbox().spare({ role: "slave" });
});

describe("what would fail once the managers are stopped is refused before", () => {
  it("and nothing is, while everything is as it should be", async () => {
    expect(await planned(takeover())).not.toMatch(/REFUSED|NOT REACHED|hazard/);
  });

  it("when mnesia.dir was edited since the survivor was started", async () => {
    await withConf(
      survivor().home,
      (text) => text.replace(/^mnesia\.dir = .*$/m, "mnesia.dir = /data/mnesia"),
      () =>
        expectRefusal(sandbox(), takeover(), {
          says: [
            /manager_0@\S+ runs with the Mnesia directory \S+\/work\/mnesia\/127\.0\.0\.1, but its next start would use \/data\/mnesia/,
            /mnesia\.dir in \S+leo_manager\.conf line \d+ was changed since\. Set mnesia\.dir back/,
          ],
        }),
    );
  });

  it("when the surviving master's values are not the cluster's any more", async () => {
    await withConf(
      survivor().home,
      (text) => text.replace(/^consistency\.num_of_replicas = .*$/m, "consistency.num_of_replicas = 3"),
      () =>
        expectRefusal(sandbox(), takeover(), {
          says: [/consistency\.num_of_replicas must be 1, as in the cluster/, /accept: \[systemConf\]/],
        }),
    );
  });

  it("when LeoFS's generator does not take the conf, which has no line that looks wrong", async () => {
    await withConf(
      replacement().home,
      (text) => text.replace(/^console\.acceptors\.cui = .*$/m, "console.acceptors.cui = many"),
      () =>
        expectRefusal(sandbox(), takeover(), {
          says: [/LeoFS's own generator cannot read \S+leo_manager\.conf.*console\.acceptors\.cui/],
        }),
    );
  });

  it("when an old configuration lies where LeoFS looks for the one it has generated", async () => {
    const old = join(replacement().home, "etc", "before");
    await mkdir(old);
    onTestFinished(() => rm(old, { recursive: true }));
    await withFile(join(old, "app.2025.11.22.config"), "[].", () =>
      expectRefusal(sandbox(), takeover(), {
        says: [/before\/app\.2025\.11\.22\.config in \S+etc looks/],
      }),
    );
  });

  it("when other programs have the ports that it takes at its start", async () => {
    const { nodeAddress: address, consolePort, home } = replacement();
    const server = createServer().listen(consolePort, address);
    const agent = createSocket("udp4").bind(0, address);
    onTestFinished(() => {
      server.close();
      agent.close();
    });
    await Promise.all([once(server, "listening"), once(agent, "listening")]);
    const snmp = join(home, "snmp", "snmpa_manager_1");
    await mkdir(join(snmp, "agent"), { recursive: true });
    onTestFinished(() => rm(join(home, "snmp"), { recursive: true }));
    await writeFile(
      join(snmp, "leo_manager_snmp.config"),
      '[{snmp, [{agent, [{db_dir, "db"}, {config, [{dir, "snmp/snmpa_manager_1/agent"}]}]}]}].\n',
    );
    await writeFile(
      join(snmp, "agent", "agent.conf"),
      `{intAgentIpAddress, [${address.replaceAll(".", ",")}]}.\n{intAgentUDPPort, ${agent.address().port}}.\n`,
    );
    const own = `\\(process ${process.pid}\\)`;
    await expectRefusal(sandbox(), takeover(), {
      says: [
        new RegExp(`${own} listens on port ${consolePort}, a console port of manager_2@`),
        new RegExp(`${own} has the UDP port ${agent.address().port}, which the SNMP agent of manager_2@`),
      ],
    });
  });

  it("when the conf directory or the directory above the Mnesia directory cannot be written", async () => {
    const etc = join(survivor().home, "etc");
    if (!(await madeAsRoot("chattr", "+i", etc))) return;
    const parent = dirname(mnesiaOf(survivor().home));
    await succeed("chattr", ["+i", parent]);
    onTestFinished(async () => void (await succeed("chattr", ["-i", etc, parent])));
    await expectRefusal(sandbox(), takeover(), {
      says: [/may not replace files in \S+etc/, /may not rename \S+127\.0\.0\.1/],
    });
  });

  it("when the conf is a link to where nothing can be replaced, or to nothing", async () => {
    const conf = join(replacement().home, "etc", "leo_manager.conf");
    const managed = join(replacement().home, "managed");
    await mkdir(managed);
    onTestFinished(() => rm(managed, { recursive: true }));
    const kept = join(managed, "leo_manager.conf");
    await withFile(conf, undefined, async () => {
      await symlink(kept, conf);
      await expectRefusal(sandbox(), takeover(), { says: [/leo_manager\.conf is not there/] });
      await copyFile(`${conf}.aside`, kept);
      expect(await planned(takeover())).not.toMatch(/REFUSED/);
      if (!(await madeAsRoot("chattr", "+i", managed))) return;
      onTestFinished(async () => void (await succeed("chattr", ["-i", managed])));
      await expectRefusal(sandbox(), takeover(), {
        says: [
          /leo_manager\.conf is a link to \S+managed\/leo_manager\.conf, and root may not replace files in/,
        ],
      });
      await succeed("chattr", ["-i", managed]);
    });
  });

  it("when the Mnesia directory's own file system is full, or is mounted just there", async () => {
    const folder = mnesiaOf(replacement().home);
    for (const [place, says] of [
      [
        dirname(folder),
        /the Mnesia directory \(mounted on \S+\) has \d+ KiB free, \d+ KiB are needed for the new/,
      ],
      [folder, /127\.0\.0\.1 is a mount point, so it cannot be moved aside/],
    ] as const) {
      await mkdir(place, { recursive: true });
      if (!(await madeAsRoot("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "tmpfs", place))) return;
      try {
        await expectRefusal(sandbox(), takeover(), { says: [says] });
      } finally {
        await succeed("umount", [place]);
      }
    }
  });

  it("when a Mnesia file of the survivor is a link, which no backup would follow", async () => {
    const link = join(mnesiaOf(survivor().home), "leo_elsewhere.DCD");
    await symlink("/var/lib/elsewhere", link);
    onTestFinished(() => rm(link));
    await expectRefusal(sandbox(), takeover(), { says: [/leo_elsewhere\.DCD in \S+ is not a plain file/] });
  });

  it("when such a link lies in a directory that somebody made below", async () => {
    const kept = join(mnesiaOf(survivor().home), "before-the-upgrade");
    await mkdir(kept);
    onTestFinished(() => rm(kept, { recursive: true }));
    await symlink("/var/lib/elsewhere", join(kept, "current"));
    await expectRefusal(sandbox(), takeover(), {
      says: [/before-the-upgrade\/current in \S+ is not a plain file/],
    });
  });
});
