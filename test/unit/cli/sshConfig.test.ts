import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { loginTo } from "../../../cli/diagnose/sshConfig";

const directory = mkdtempSync(join(tmpdir(), "leofs-ssh-config-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => void vi.unstubAllEnvs());

const key = join(directory, "key");
writeFileSync(key, "the private key");
const sshConfig = join(directory, "config");
writeFileSync(
  sshConfig,
  `Host m0
  HostName 10.0.0.11
  Port 2222
  User leofs
  IdentityFile ${key}
  ProxyJump ops@jump.example:2200
Host twice
  ProxyJump one,two
Host m1
  HostName 10.0.0.12
  ProxyJump none
  UserKnownHostsFile /a/known_hosts /b/known_hosts
Host jump.example
  IdentityFile ${key}
`,
);

describe("a host as ssh takes it", () => {
  it("is found in ssh_config with its jump host and the key of each", () => {
    const { connection, privateKeyFile } = loginTo("m0", { sshConfig });
    expect(connection).toEqual({
      host: "10.0.0.11",
      port: 2222,
      user: "leofs",
      proxy: { host: "jump.example", port: 2200, user: "ops", privateKey: "the private key" },
    });
    expect(privateKeyFile).toBe(key);
  });

  it("may say user and port itself, and the command line beats both", () => {
    expect(loginTo("root@m0:22", { sshConfig }).connection).toMatchObject({ user: "root", port: 22 });
    const given = { sshConfig, user: "ops", port: 2022, identity: "/no/such/key" };
    expect(loginTo("root@m0:22", given)).toMatchObject({
      connection: { user: "ops", port: 2022 },
      privateKeyFile: "/no/such/key",
    });
  });

  it("leaves a key with a pass phrase to the agent, and asks for one where there is none", () => {
    const locked = join(directory, "locked");
    writeFileSync(
      locked,
      utils.generateKeyPairSync("ecdsa", {
        bits: 256,
        passphrase: "phrase",
        cipher: "aes256-cbc",
        rounds: 16,
      }).private,
    );
    vi.stubEnv("SSH_AUTH_SOCK", undefined);
    expect(() => loginTo("10.0.0.9", { sshConfig, identity: locked })).toThrow(
      `${locked} is encrypted, and there is no SSH agent: start one and run ssh-add ${locked}`,
    );
    vi.stubEnv("SSH_AUTH_SOCK", "/run/agent");
    expect(loginTo("10.0.0.9", { sshConfig, identity: locked })).not.toHaveProperty("privateKeyFile");
  });

  it.each([
    ["10.0.0.9", "10.0.0.9", 22],
    ["10.0.0.9:2222", "10.0.0.9", 2222],
    ["[fd00::1]:2222", "fd00::1", 2222],
    ["fd00::1", "fd00::1", 22],
  ])("%s is an address that no file has to know", (text, host, port) => {
    expect(loginTo(text, { sshConfig }).connection).toMatchObject({ host, port });
  });

  it("takes the known hosts of ssh_config, and no jump where that says none", () => {
    const login = loginTo("m1", { sshConfig });
    expect(login.knownHostsFiles?.slice(0, 2)).toEqual(["/a/known_hosts", "/b/known_hosts"]);
    expect(login.connection.proxy).toBeUndefined();
  });

  it("says what it cannot use", () => {
    expect(() => loginTo("twice", { sshConfig })).toThrow("has several jumps");
    expect(() => loginTo("a b@@", { sshConfig })).toThrow("does not name a host");
    expect(() => loginTo("m0", { sshConfig: join(directory, "none") })).toThrow(
      /ssh cannot read .*No such file/,
    );
    const through = join(directory, "through");
    writeFileSync(through, "Host m0\n  ProxyCommand corkscrew proxy 8080 %h %p\n");
    expect(() => loginTo("m0", { sshConfig: through })).toThrow("ProxyCommand corkscrew proxy 8080");
  });

  it.each<[string, string, object]>([
    ["keywords in any case", "host m0\n  hostname 10.0.0.7\n  USER ops\n", { host: "10.0.0.7" }],
    ["what ssh puts in for %h", "Host m*\n  HostName %h.example\n  User ops\n", { host: "m0.example" }],
    ["files that are included", `Include ${directory}/conf.d/*\n`, { host: "10.0.0.8" }],
    [
      "a ProxyCommand that is a jump",
      "Host m0\n  User ops\n  ProxyCommand ssh -W %h:%p -q jump.example\n",
      { host: "m0", proxy: expect.objectContaining({ host: "jump.example" }) },
    ],
    [
      "an agent of its own",
      "Host m0\n  User ops\n  IdentityAgent /run/agent.sock\n",
      { host: "m0", agentSocketPath: "/run/agent.sock" },
    ],
  ])("reads %s as ssh does", (_, text, expected) => {
    mkdirSync(join(directory, "conf.d"), { recursive: true });
    writeFileSync(join(directory, "conf.d/leofs"), "Host m0\n  HostName 10.0.0.8\n  User ops\n");
    const file = join(directory, "odd");
    writeFileSync(file, text);
    expect(loginTo("m0", { sshConfig: file }).connection).toEqual({ user: "ops", port: 22, ...expected });
  });
});
