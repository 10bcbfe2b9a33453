import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identityOf, labelOf, sharingKey, withDefaults } from "../../../remote/connection";
import { connectionProblems } from "../../../remote/ssh/connectionProblems";

let directory: string;
let open: string;
let locked: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "remote-keys-"));
  const key = (name: string, passphrase: string) => {
    const file = join(directory, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
    return readFileSync(file, "utf8");
  };
  open = key("open", "");
  locked = key("locked", "canary-phrase");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("connection arguments", () => {
  it("get the defaults of @pulumi/command", () => {
    const { agentSocketPath: _, ...rest } = withDefaults({ host: "h", proxy: { host: "j", port: 2222 } });
    expect(rest).toMatchObject({ host: "h", port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 });
    expect(rest.proxy).toMatchObject({ host: "j", port: 2222, user: "root", perDialTimeout: 15 });
  });

  it("that are right have no problem", () => {
    expect(connectionProblems({ host: "10.0.0.1" })).toEqual([]);
    expect(connectionProblems({ host: "h", privateKey: open, dialErrorLimit: -1 })).toEqual([]);
    expect(
      connectionProblems({ host: "h", privateKey: locked, privateKeyPassword: "canary-phrase" }),
    ).toEqual([]);
  });

  it("that are wrong are all named at once, with their paths and without a secret", () => {
    const problems = connectionProblems(
      {
        host: "root@h",
        port: "22",
        user: "-l",
        privateKey: "~/.ssh/canary",
        hostKey: "ssh-ed25519 nonsense",
        sudo: true,
        proxy: { privateKey: locked, privateKeyPassword: "canary-wrong", perDialTimeout: 1.5 },
      },
      "clusters.a.connection",
    );
    const paths = problems.map((problem) => problem.split(" ")[0]);
    expect(paths).toEqual([
      "clusters.a.connection.host",
      "clusters.a.connection.port",
      "clusters.a.connection.user",
      "clusters.a.connection.privateKey",
      "clusters.a.connection.hostKey",
      "clusters.a.connection.sudo",
      "clusters.a.connection.proxy.host",
      "clusters.a.connection.proxy.privateKey",
      "clusters.a.connection.proxy.perDialTimeout",
    ]);
    expect(problems.join()).not.toMatch(/canary/);
    expect(problems.join()).not.toContain(locked.split("\n")[1]);
  });

  it("are numbers without quotes, and hosts without a port", () => {
    expect(connectionProblems({ host: "h", port: "22" })).toEqual([
      "connection.port must be a whole number from 1 to 65535 without quotes.",
    ]);
    for (const host of ["::1", "fe80::1%eth0", "2001:db8::12", "leo-01.example.com"])
      expect(connectionProblems({ host })).toEqual([]);
    for (const host of ["10.0.0.1:22", "h:22", "[::1]", "[::1]:22", "10.0.0.1 "])
      expect(connectionProblems({ host })).toEqual([expect.stringContaining("connection.host must be")]);
  });

  it("say when a key needs its pass phrase", () => {
    expect(connectionProblems({ host: "h", privateKey: locked })).toEqual([
      "connection.privateKey is encrypted and needs privateKeyPassword.",
    ]);
  });

  it("are the same host whatever the credentials, but share a connection only with the same ones", () => {
    const one = { host: "h", privateKey: open };
    const other = { host: "h", port: 22, user: "root", password: "x" };
    expect(identityOf(one)).toBe(identityOf(other));
    expect(identityOf(one)).not.toBe(identityOf({ ...one, proxy: { host: "j" } }));
    expect(sharingKey(one, [])).not.toBe(sharingKey(other, []));
    expect(sharingKey(one, [])).toBe(sharingKey({ ...one, port: 22, dialErrorLimit: 3 }, []));
  });

  it("have a label for messages", () => {
    expect(labelOf({ host: "10.0.0.11", user: "leofs" })).toBe("leofs@10.0.0.11:22");
    expect(labelOf({ host: "::1", proxy: { host: "j" } })).toBe("root@[::1]:22 (via root@j:22)");
  });
});
