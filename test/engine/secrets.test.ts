import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { secret } from "../../tools/stackConfig";
import { type Watched, watchProcessList } from "./support/processList";
import { sandboxForFile } from "./support/refusalRig";
import { type StackRun, stackForFile } from "./support/stackRuns";
import { makeStubborn } from "./support/stubbornControl";

const INCIDENT = "secrets";
const word = (name: string) => `canary${name}${randomBytes(9).toString("hex")}`;
const COOKIE = word("Cookie");
const PASSPHRASE = word("Passphrase");
const WRONG_PASSPHRASE = word("WrongPassphrase");
const PASSWORD = word("Password");

const sandbox = sandboxForFile({ cookie: COOKIE, storages: 1, gateways: 1 });
const stack = stackForFile();

/** What must be seen nowhere, by what it is. */
const canaries: Record<string, string> = {
  distributed_cookie: COOKIE,
  privateKeyPassword: PASSPHRASE,
  "a wrong privateKeyPassword": WRONG_PASSPHRASE,
  password: PASSWORD,
};
const runs: Record<string, StackRun> = {};
let watched: Watched;
let states: string[];

/** The names of the canaries that a text holds. */
const foundIn = (text: string): string[] =>
  Object.entries(canaries).flatMap(([name, canary]) => (text.includes(canary) ? [name] : []));

/** LeoFS itself shows the cookie to whoever may list processes: its VMs, its nodetool; and the sandbox's own looks. */
const byLeofs = (line: string): boolean =>
  /\/beam\.smp .* -setcookie |\/nodetool | -h (launch|sandbox)\d+/.test(line) &&
  !line.includes("-leofs_recovery");

/** Every file below a directory. */
const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

async function stateOnDisc(): Promise<string> {
  const files = filesIn(join(stack.stack.directory, "state"));
  const kept = await Promise.all(files.map((file) => readFile(file, "latin1")));
  return [JSON.stringify(await stack.stack.exportState()), ...kept].join("\n");
}

beforeAll(async () => {
  const { users } = await sandbox().writeData({ users: 2, buckets: 1 }, { prefix: "late-" });
  for (const { id, secretKey } of users) canaries[`S3 secret key of ${id}`] = secretKey;
  await sandbox().lose("master");
  await sandbox().spare();
  await makeStubborn(sandbox(), "manager_1");
  // The key that the hosts know already, now with a passphrase.
  const key = join(sandbox().directory, "keys", "with_passphrase");
  await copyFile(sandbox().description.key, key);
  execFileSync(sandbox().tools.sshKeygen, ["-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", key]);
  const privateKey = readFileSync(key, "utf8");
  // Its first lines are the same in every such key.
  for (const [n, line] of privateKey.trim().split("\n").slice(3, -1).entries())
    canaries[`privateKey, line ${n}`] = line;
  const configure = async (replacementPassphrase: string) => {
    const settings = takeoverSettings(sandbox().description, INCIDENT) as {
      takeover: Record<"survivor" | "replacement", { connection: Record<string, unknown> }>;
    };
    const { survivor, replacement } = settings.takeover;
    for (const manager of [survivor, replacement]) {
      const { privateKeyFile: _, ...connection } = manager.connection;
      const privateKeyPassword = secret(manager === survivor ? PASSPHRASE : replacementPassphrase);
      manager.connection = {
        ...connection,
        // Either way of giving it.
        ...(manager === survivor ? { privateKey: secret(privateKey) } : { privateKeyFile: key }),
        privateKeyPassword,
        password: secret(PASSWORD),
      };
    }
    await stack.configure({ production: settings });
  };
  await configure(WRONG_PASSPHRASE);
  runs.misconfigured = await stack.up();
  await configure(PASSPHRASE);
  const stop = watchProcessList([...Object.values(canaries), "-leofs_recovery"]);
  try {
    runs.preview = await stack.preview();
    runs.failed = await stack.up();
    states = [await stateOnDisc()];
    runs.up = await stack.up();
    states.push(await stateOnDisc());
    runs.refresh = await stack.refresh();
    runs.again = await stack.up();
    states.push(await stateOnDisc());
  } finally {
    watched = await stop();
  }
  runs.destroy = await stack.destroy();
});

describe("a recovery with canaries in every secret place", () => {
  it("went through what it had to: refused settings, a failure half-way, the recovery, a refresh", () => {
    expect(runs.misconfigured?.errors.join("\n")).toMatch(/does not open with privateKeyPassword/);
    expect(runs.preview?.plan.production).toMatch(/manager_2@\S+ .* is down; 0 Mnesia files/);
    expect(runs.failed?.errors.join("\n")).toContain("did not start");
    expect(runs.up?.errors).toEqual([]);
    expect(runs.up?.outcome.production?.verdict).toBe("recovered");
    expect(runs.again?.changes).toEqual({ same: runs.again?.changes.same });
    for (const name of ["refresh", "again", "destroy"])
      expect([name, runs[name]?.errors]).toEqual([name, []]);
  });

  it("shows none on the screen, in errors, in outputs and in the event log", () => {
    for (const [name, run] of Object.entries(runs)) {
      expect([name, foundIn(run.screen)]).toEqual([name, []]);
      expect([name, foundIn(run.eventLog)]).toEqual([name, []]);
      expect([name, foundIn(JSON.stringify(run))]).toEqual([name, []]);
    }
  });

  it("keeps none in the state, exported or on disc", () => {
    expect(states).toHaveLength(3);
    for (const state of states) {
      expect(state).toContain("MnesiaBackup");
      expect(foundIn(state)).toEqual([]);
    }
  });

  it("has none in the process list of a host, but for what LeoFS itself shows there", () => {
    const { looks, lines } = watched;
    console.log(`process list: ${looks} looks, ${lines.length} command lines kept`);
    // The watch was quick enough for what lives a few milliseconds.
    for (const vm of ["ask", "final_dump"])
      expect(lines.some((line) => line.includes(`-leofs_recovery ${vm} `))).toBe(true);
    expect(lines.filter((line) => foundIn(line).length > 0 && !byLeofs(line))).toEqual([]);
  });

  it("leaves none in a shell's history", () => {
    const histories = readdirSync(homedir()).filter((name) => /^\..*hist(ory|file)?$/i.test(name));
    for (const name of histories)
      expect([name, foundIn(readFileSync(join(homedir(), name), "latin1"))]).toEqual([name, []]);
  });

  it("writes none into journal, lock or manifest; and no file that others may read", () => {
    const looked = ["manager_1", "manager_2"].flatMap((name) => {
      const { home, backups } = sandbox().manager(name);
      const incident = join(backups, `production-${INCIDENT}`);
      expect(statSync(incident).mode & 0o777).toBe(0o700);
      return [
        ...filesIn(incident),
        ...filesIn(join(home, "work")).filter((file) => /\/leofs-recovery[^/]*$/.test(file)),
      ];
    });
    expect(looked.some((file) => file.includes("/journal/"))).toBe(true);
    for (const file of looked) {
      const text = readFileSync(file, "latin1");
      if (/\/journal\/|manifest\.json$|\.lock/.test(file)) expect([file, foundIn(text)]).toEqual([file, []]);
      if (foundIn(text).length > 0) {
        const modes = [file, dirname(file)].map((path) => statSync(path).mode & 0o077);
        expect([file, ...modes]).toEqual([file, 0, 0]);
      }
    }
    // The backups do hold the secret keys: that was the case that could go wrong.
    expect(
      looked.some((file) => foundIn(readFileSync(file, "latin1")).some((name) => name.startsWith("S3"))),
    ).toBe(true);
  });
});
