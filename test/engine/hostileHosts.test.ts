import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../sandbox/layout";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { rowsOf } from "./support/clusterFacts";
import { type Crowd, crowdAt, turnedAway } from "./support/crowd";
import { expectRefusal, planned, sandboxForFile, takeoverInputs } from "./support/refusalRig";
import { stackForFile } from "./support/stackRuns";

const folder = mkdtempSync(join(tmpdir(), "leofs-recovery-hostile-"));
const noisy = join(folder, "noisy");
const banner = join(folder, "banner");
writeFileSync(banner, "Authorised use only. $(touch /tmp/never) `id`\n");
writeFileSync(
  noisy,
  `#!/bin/sh
echo "Welcome! it's \\$5 a day"; echo "@= user nobody"; echo warning >&2; printf 'no newline'
eval "$SSH_ORIGINAL_COMMAND"
`,
  { mode: 0o755 },
);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One session a connection, one login at a time, no forwarding, no sftp, and talk before every command. */
const sshd = [
  "MaxSessions 1",
  "MaxStartups 1:100:1",
  "AllowTcpForwarding no",
  "Subsystem nothing /bin/false",
  `Banner ${banner}`,
  `ForceCommand ${noisy}`,
  "LogLevel DEBUG1",
];

const sandbox = sandboxForFile({ sshd, storages: 1, gateways: 1 });
const stack = stackForFile();
const names = { lost: "manager_0", survivor: "manager_1", replacement: "manager_2" };
const adm = (manager: string) => join(dirname(sandbox().manager(manager).backups), "bin", "leofs-adm");

beforeAll(async () => {
  await sandbox().lose("master");
  await sandbox().spare();
});

describe("hosts whose SSH servers allow as little as they can", () => {
  it("are refused before any change when a console could be asked in no way", async () => {
    await rename(adm("manager_2"), `${adm("manager_2")}.aside`);
    try {
      await expectRefusal(sandbox(), takeoverInputs(sandbox(), names), {
        says: [
          /127\S+: its SSH server forwards no connections to \S+:\d+, and there is no leofs-adm with nc/,
          /Set `AllowTcpForwarding local` in its sshd_config .* or install leofs-adm and nc there/,
        ],
      });
    } finally {
      await rename(`${adm("manager_2")}.aside`, adm("manager_2"));
    }
  });

  it("are told apart in the plan by the way that the consoles are asked", async () => {
    const plan = await planned(takeoverInputs(sandbox(), names));
    for (const manager of ["manager_1", "manager_2"])
      expect(plan).toMatch(
        new RegExp(
          `forwards no connections to \\S+, so the console of ${manager}@\\S+ is asked through ${adm(manager)}`,
        ),
      );
    expect(plan).not.toMatch(/REFUSED|NOT REACHED/);
  });

  it("are recovered all the same, while others knock at the same servers", async () => {
    const before = await rowsOf(sandbox(), "manager_1");
    await stack.configure({ production: takeoverSettings(sandbox().description, "hostile") });
    const hosts = ["manager_1", "manager_2"];
    const log = (name: string) =>
      readFileSync(join(paths.ssh(sandbox().directory, name), "sshd.log"), "utf8");
    const start = Object.fromEntries(hosts.map((name) => [name, log(name).length]));
    const others = (name: string, own: ReadonlySet<number>) =>
      turnedAway(log(name).slice(start[name])).filter((port) => !own.has(port));
    const crowds: Crowd[] = hosts.map((name) => {
      const { address, sshPort } = sandbox().manager(name);
      return crowdAt(address, sshPort, (own) => others(name, own).length > 0);
    });
    try {
      const preview = await stack.preview();
      expect(preview.errors).toEqual([]);
      expect(preview.plan.production).not.toMatch(/REFUSED|NOT REACHED/);
      const run = await stack.up();
      expect(run.errors).toEqual([]);
      expect(run.outcome.production?.verdict).toBe("recovered");
      const again = await stack.up();
      expect(again.changes).toEqual({ same: run.changes.create });
    } finally {
      await Promise.all(crowds.map((crowd) => crowd.leave()));
    }
    for (const name of hosts) expect(await rowsOf(sandbox(), name)).toEqual(before);
    const away = hosts.map((name, index) => others(name, crowds[index]!.ports).length);
    console.log(`logins of the recovery that the servers turned away: ${away.join(" and ")}`);
    for (const count of away) expect(count).toBeGreaterThan(0);
  });
});
