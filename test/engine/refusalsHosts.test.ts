import { mkdtempSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { RecoveryCheckInputs } from "../../providers/check/recoveryCheckTypes";
import { providersOf } from "../../providers/resources";
import { lockPathOf } from "../../providers/session/pairLock";
import { Session } from "../../providers/session/session";
import type { ManagerTarget } from "../../providers/targets/arguments";
import { acquireLock } from "../../remote/lock/lock";
import { command, succeed } from "../../sandbox/commands";
import { startHost, stopHost } from "../../sandbox/sshHosts";
import { expectRefusal, sandboxForFile, takeoverInputs, withFile } from "./support/refusalRig";

const sandbox = sandboxForFile();
const names = { lost: "manager_0", survivor: "manager_1", replacement: "manager_2" };
const takeover = (): RecoveryCheckInputs => takeoverInputs(sandbox(), names);
const targets = () => takeover().managers;

/** The takeover with something else said of the replacement. */
function withReplacement(change: Partial<ManagerTarget>): RecoveryCheckInputs {
  const inputs = takeover();
  const [survivor, replacement] = inputs.managers;
  return { ...inputs, managers: [survivor, { ...replacement, ...change }] };
}

/** Where only root, or only some file systems, can make the obstacle: says so and leaves the test. */
async function madeAsRoot(program: string, ...args: string[]): Promise<boolean> {
  const made = process.getuid?.() === 0 ? await command(program, args) : { code: 1, stderr: "not root" };
  if (made.code !== 0) console.log(`SKIPPED: ${program} ${args.join(" ")}: ${made.stderr.trim()}`);
  return made.code === 0;
}

beforeAll(async () => {
  await sandbox().lose("master");
  await sandbox().spare();
});

describe("a backup directory that cannot take the backups is refused", () => {
  const backups = () => sandbox().manager("manager_2").backups;

  it("when it is a file, or below one", async () => {
    const says = [/cannot write to the backup directory/, /Make it writable for that user, or set another/];
    await withFile(backups(), "not a directory", async () => {
      await expectRefusal(sandbox(), takeover(), { says });
      await expectRefusal(sandbox(), withReplacement({ backupDirectory: `${backups()}/deeper/still` }), {
        says,
      });
    });
  });

  it("when it is a symbolic link", async () => {
    await withFile(backups(), undefined, async () => {
      await symlink(tmpdir(), backups());
      await expectRefusal(sandbox(), takeover(), {
        says: [
          /the backup directory \S+ is a symbolic link, which is not followed/,
          /Name the real directory/,
        ],
      });
    });
  });

  it("when nobody may write to it", async () => {
    if (!(await madeAsRoot("chattr", "+i", backups()))) return;
    onTestFinished(async () => void (await succeed("chattr", ["-i", backups()])));
    await expectRefusal(sandbox(), takeover(), { says: [/cannot write to the backup directory/] });
  });

  it("when its disk is full", async () => {
    if (!(await madeAsRoot("mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", backups()))) return;
    onTestFinished(async () => void (await succeed("umount", [backups()])));
    await expectRefusal(sandbox(), takeover(), {
      says: [/has \d+ KiB free, \d+ KiB are needed for the backups/, /Free space there, or set another/],
    });
  });
});

describe("a host that cannot be used is refused", () => {
  const plan = /NOT REACHED: manager_2@[\s\S]*pulumi up would stop here, before any change/;

  it("when it is down", async () => {
    const { directory } = sandbox();
    const { address, sshPort: port } = sandbox().manager("manager_2");
    await stopHost({ directory, name: "manager_2" });
    onTestFinished(() => startHost(sandbox().tools, { directory, name: "manager_2", address, port }));
    await expectRefusal(sandbox(), takeover(), {
      plan,
      says: [
        /cannot be reached over SSH: .*ECONNREFUSED/,
        /Check that the host is up, that sshd listens there/,
      ],
    });
  });

  it("when its host key is another one", async () => {
    const { connection } = targets()[1];
    const hostKey = sandbox().manager("manager_1").hostKey;
    await expectRefusal(sandbox(), withReplacement({ connection: { ...connection, hostKey } }), {
      plan,
      says: [
        /The host key of \S+ is not the expected one, so nothing was sent to it/,
        /Expected from the connection's hostKey: ssh-ed25519 SHA256:\S+; presented: ssh-ed25519 SHA256:/,
        /ssh-keygen -lf/,
      ],
    });
  });

  it("when its host key is not known", async () => {
    const { hostKey: _, ...connection } = targets()[1].connection;
    await expectRefusal(sandbox(), withReplacement({ connection }), {
      plan,
      says: [/The host key of \S+ is not known, so nothing was sent/, /set hostKey: "ssh-ed25519 AAAA\S+"/],
    });
  });

  it("when it does not accept the key, or the key file is gone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "leofs-recovery-key-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const key = join(folder, "other");
    await succeed(sandbox().tools.sshKeygen, ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const inputs = withReplacement({ privateKeyFile: key });
    await expectRefusal(sandbox(), inputs, {
      plan,
      says: [/refused the login \(tried: publickey/, /authorized_keys/],
    });
    await rm(key);
    await expectRefusal(sandbox(), inputs, { plan, says: [/the private key \S+other cannot be read/] });
  });
});

describe("a host that only the service steps would not get in to is refused", () => {
  it("when they are told an agent that does not answer, beside a good key", async () => {
    const { connection } = targets()[1];
    await expectRefusal(
      sandbox(),
      withReplacement({ connection: { ...connection, agentSocketPath: "/run/no-agent" } }),
      {
        says: [
          /manager_2@\S+ could not be stopped and started: the SSH client of the Pulumi package @pulumi\/command/,
          /nothing answers at the SSH agent's socket \/run\/no-agent/,
          /Start the agent, or unset SSH_AUTH_SOCK/,
        ],
      },
    );
  });
});

describe("a pair that another recovery works on is refused", () => {
  const owner = { incident: "production/another", run: "another run", stack: "another stack" };

  it.each([0, 1] as const)("with the name of the other, whichever host has its lock (%i)", async (index) => {
    const target = targets()[index];
    const lock = await acquireLock(new Session().hostOf(target), lockPathOf(target), owner, {
      refreshMs: 600_000,
    });
    onTestFinished(() => lock.release());
    await expectRefusal(sandbox(), takeover(), {
      plan: /WOULD BE REFUSED: Another recovery works on this pair: \S+@\S+ \(process/,
      says: [
        /Another recovery works on this pair: \S+@\S+ \(process \d+ of this machine, stack another stack.*\), incident/,
        /incident production\/another, since .*last sign of life \d+ s ago/,
        /break its lock with `rm \S+leofs-recovery\.lock` on \S+ and try again/,
      ],
    });
  });
});

it("and once nothing stands in the way the same step goes through", async () => {
  await mkdir(sandbox().manager("manager_2").backups, { recursive: true });
  // A run of its own: the looks of the refused ones are seconds old.
  const { recoveryCheck } = providersOf(new Session());
  const { outs } = await recoveryCheck.create({ ...takeover(), incident: "free" });
  expect(outs).toMatchObject({ choice: { good: 0, why: expect.stringContaining("is the survivor") } });
});
