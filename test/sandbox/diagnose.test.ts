import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readClusters } from "../../recovery/settings/clusters";
import { command, type Outcome } from "../../sandbox/commands";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { builtProgram } from "../support/builtProgram";
import { expectScreen } from "../support/screens";
import { planOf, writeRunbook } from "./runbook";
import { sandboxForThisFile } from "./testSandbox";

describe("diagnose on real hosts", () => {
  const sandbox = sandboxForThisFile();
  /** Where the operator sits: an ssh_config, and the stack files that are written. */
  const desk = mkdtempSync(join(tmpdir(), "leofs-diagnose-test-"));
  const config = join(desk, "ssh_config");
  /** How long each call took. */
  const seconds: number[] = [];
  afterAll(() => {
    const [median] = seconds.sort((a, b) => a - b).slice(seconds.length / 2);
    console.log(`diagnose, ${seconds.length} times: ${median?.toFixed(1)} s (median)`);
  });
  afterAll(() => rmSync(desk, { recursive: true, force: true }));

  /** An ssh_config that names the hosts as an operator's would: m0, m1, m2. */
  const nameHosts = (): void => {
    const { directory, key, user } = sandbox().description;
    const address = sandbox().description.managers.manager_0!.address.replace(/\d+$/, "");
    const hosts = [0, 1, 2].map((n) => `Host m${n}\n  HostName ${address}${11 + n}`);
    hosts.push(`Host nowhere\n  HostName ${address}99`);
    writeFileSync(
      config,
      `${hosts.join("\n")}\nHost *\n  Port 2222\n  User ${user}\n  IdentityFile ${key}\n  UserKnownHostsFile ${join(directory, "keys/known_hosts")}\n`,
    );
  };
  beforeAll(nameHosts);

  const diagnose = async (...args: string[]): Promise<Outcome> => {
    const { managers } = sandbox().description;
    const homes = Object.values(managers).flatMap(({ home }) => ["--home", home]);
    const program = await builtProgram();
    const begun = performance.now();
    const said = await command(
      process.execPath,
      [program, "diagnose", "--ssh-config", config, ...homes, ...args],
      {
        cwd: desk,
        env: { ...process.env, COLUMNS: "80" },
        timeoutMs: 60_000,
      },
    );
    seconds.push((performance.now() - begun) / 1000);
    return said;
  };

  const shown = () => ({ directory: sandbox().description.directory, shown: { [desk]: "~" } });

  it("finds a healthy pair, its nodes and its ring, with exit code 0", async () => {
    const { code, stdout } = await diagnose("m0", "m1");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^NOTHING TO DO .* serve\s+together/)]);
    expect(stdout).toMatch(/3 storage and gateway nodes, 3 of them answer; one\s+ring\s+hash\s+everywhere/);
    expectScreen("diagnose-healthy", stdout, shown());
    const alone = await diagnose("m0");
    expect([alone.code, alone.stdout]).toEqual([15, expect.stringMatching(/^NOT CLEAR .* answers/)]);
    expectScreen("diagnose-unclear", alone.stdout, shown());
  });

  it("says the same as data", async () => {
    const { stdout } = await diagnose("m0", "m1", "--json");
    const said = JSON.parse(stdout) as { kind: string; managers: { role: string }[] };
    expect([said.kind, said.managers.map(({ role }) => role)]).toEqual(["healthy", ["master", "slave"]]);
    expect(stdout).not.toContain("401321b4");
  });

  it("says what it cannot use, with exit codes 1 and 2", async () => {
    expect(await diagnose()).toMatchObject({ code: 2, stderr: expect.stringContaining("missing required") });
    const file = join(desk, "Pulumi.there.yaml");
    writeFileSync(file, "mine");
    const said = await diagnose("m0", "m1", "--write", "there");
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining("is not written over") });
    expect(readFileSync(file, "utf8")).toBe("mine");
    const healthy = await diagnose("m0", "m1", "--write", "healthy");
    expect(healthy).toMatchObject({ code: 1, stderr: expect.stringContaining("calls for no recovery") });
    expect(existsSync(join(desk, "Pulumi.healthy.yaml"))).toBe(false);
  });

  it.each([
    ["a host that nobody is at", ["nowhere"], /nowhere: .* cannot be reached over SSH: .*ECONNREFUSED/],
    ["a host that known_hosts does not have", ["m0", "--ssh-config", "stranger"], /m0: .*host key/],
    ["a key that it does not let in", ["m0", "--identity", "other-key"], /m0: .*refused the login/],
  ])("says what is wrong with %s, with exit code 15", async (_, args, wanted) => {
    const known = join(sandbox().description.directory, "keys/known_hosts");
    writeFileSync(join(desk, "stranger"), readFileSync(config, "utf8").replace(known, "/dev/null"));
    rmSync(join(desk, "other-key"), { force: true });
    await command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(desk, "other-key")], {
      timeoutMs: 20_000,
    });
    const { code, stdout } = await diagnose(...args);
    expect([code, stdout.replaceAll(/\s+/g, " ")]).toEqual([15, expect.stringMatching(wanted)]);
    expect(stdout).toMatch(/^NOT CLEAR {2}No host could be looked at\./);
    expect(stdout).toContain("> mend the way to the hosts");
  });

  it("tells a manager that is only down from two", async () => {
    await sandbox().stopManager("slave");
    const one = await diagnose("m0", "m1");
    expect([one.code, one.stdout]).toEqual([10, expect.stringMatching(/^START IT /)]);
    expectScreen("diagnose-start", one.stdout, shown());
    await sandbox().stopManager("master");
    const both = await diagnose("m0", "m1");
    expect([both.code, both.stdout]).toEqual([13, expect.stringMatching(/^BOTH DOWN /)]);
    expectScreen("diagnose-bothDown", both.stdout, shown());
    await sandbox().start();
    await sandbox().waitForPair();
  });

  it("finds a damaged slave, and writes settings that the recovery accepts", async () => {
    await sandbox().damage("slave");
    const { code, stdout } = await diagnose("m0", "m1");
    expect([code, stdout]).toEqual([
      11,
      expect.stringMatching(/^RECOVER IN PLACE {2}manager_1@\S+ .* from\s+manager_0@/),
    ]);
    expectScreen("diagnose-inPlace", stdout, shown());
    await diagnose("m0", "m1", "--write", "inPlace", "--backup-directory", join(desk, "backups"));
    expect(await planOf(join(desk, "Pulumi.inPlace.yaml"))).not.toMatch(/REFUSED|NOT REACHED/);
    // Once more on the same day: under the name of an incident that is over nothing would be recovered.
    const incidentIn = (stack: string): string =>
      parse(readFileSync(join(desk, `Pulumi.${stack}.yaml`), "utf8")).config["leofs-recovery:clusters"]
        .production.incident;
    const first = incidentIn("inPlace");
    mkdirSync(join(desk, "backups", `production-${first}`, "journal"), { recursive: true });
    await diagnose("m0", "m1", "--write", "again", "--backup-directory", join(desk, "backups"));
    expect(incidentIn("again")).toBe(`${first}-2`);
  });

  it("its runbook undoes what it did, and recovers in place", async () => {
    const runbook = await writeRunbook(
      desk,
      "in-place",
      inPlaceSettings(sandbox().description, "by-hand", "slave"),
    );
    expect(await runbook.run("list")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("[ ]  1  check both"),
    });
    expect(await runbook.run("step", "2")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("step 1 comes"),
    });
    // Up to the cleared directory of the damaged one, and all the way back.
    for (const step of ["1", "2", "3", "4", "5"]) await runbook.must("step", step);
    expect(await sandbox().isRunning("master")).toBe(false);
    expect(await runbook.run("undo", "4")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("undo step 5"),
    });
    for (const step of ["5", "4", "3", "2", "1"]) await runbook.must("undo", step);
    expect(await sandbox().isRunning("master")).toBe(true);
    await runbook.forget();
    await runbook.must("all");
    await sandbox().waitForPair();
    expect((await diagnose("m0", "m1")).stdout).toMatch(/^NOTHING TO DO /);
    for (const role of ["master", "slave"] as const) expect(await sandbox().tablesOnDisc(role)).toBe(22);
  });

  it("finds a split brain, and names no side", async () => {
    const [master, slave] = (["master", "slave"] as const).map((role) => sandbox().manager(role).node);
    const cut = (of: string, from: string) =>
      sandbox().evaluate(of, `erlang:set_cookie('${from}', cut_off), erlang:disconnect_node('${from}')`);
    await cut(master!, slave!);
    await cut(slave!, master!);
    const { code, stdout } = await diagnose("m0", "m1");
    expect([code, stdout]).toEqual([14, expect.stringMatching(/^SPLIT BRAIN /)]);
    expectScreen("diagnose-splitBrain", stdout, shown());
    // Under new addresses, where these were taken meanwhile.
    await sandbox().reset();
    nameHosts();
  });

  it("writes the settings of a takeover once a replacement is named, as the sandbox itself would", async () => {
    await sandbox().lose("master");
    const alone = await diagnose("m0", "m1", "--write", "early");
    expect([alone.code, alone.stdout]).toEqual([1, expect.stringContaining("install the same LeoFS")]);
    await sandbox().spare({ role: "master" });
    const { directory } = sandbox().description;
    const backups = join(directory, "backups");
    const said = await diagnose("m0", "m1", "m2", "--write", "prod", "--backup-directory", backups);
    expect([said.code, said.stderr]).toEqual([12, expect.stringContaining("--stack prod")]);
    expectScreen("diagnose-takeover", said.stdout, shown());
    expect(await planOf(join(desk, "Pulumi.prod.yaml"))).not.toMatch(/REFUSED|NOT REACHED/);
    const file = join(desk, "Pulumi.prod.yaml");
    const { config: written } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
    const [cluster] = readClusters(written["leofs-recovery:clusters"]);
    const [expected] = readClusters({
      production: takeoverSettings(sandbox().description, cluster!.incident),
    });
    const bare = ({ takeover }: typeof cluster & object) =>
      [takeover!.survivor, takeover!.replacement].map(({ backupDirectory: _, ...one }) => one);
    expect(bare(cluster!)).toEqual(bare(expected!));
    expect(cluster!.takeover!.lost).toBe(expected!.takeover!.lost);
  });

  it("its runbook takes a lost master over, without Pulumi", async () => {
    const [survivor, replacement] = ["manager_1", "manager_2"].map((name) => sandbox().manager(name).node);
    const users = async (name: string) =>
      JSON.stringify(((await sandbox().json(name, "get-users")) as { users: unknown }).users);
    const before = await users("manager_1");
    const runbook = await writeRunbook(desk, "takeover", takeoverSettings(sandbox().description, "by-hand"));
    await runbook.must("all");
    expect(await runbook.must("list")).not.toContain("[ ]");
    for (const name of ["manager_1", "manager_2"]) {
      expect(await sandbox().tablesOnDisc(name)).toBe(22);
      expect(await users(name)).toBe(before);
    }
    for (const node of Object.keys(sandbox().description.nodes))
      expect(await sandbox().managersFollowed(node)).toEqual([replacement, survivor]);
  });
});
