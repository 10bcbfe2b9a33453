import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lookUpKnownHosts } from "../../../../remote/ssh/knownHosts";
import { fingerprint, parsePublicKey } from "../../../../remote/ssh/publicKey";

let directory: string;
let one: string;
let other: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "remote-known-"));
  const key = (name: string) => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", join(directory, name)]);
    return readFileSync(join(directory, `${name}.pub`), "utf8")
      .split(" ")
      .slice(0, 2)
      .join(" ");
  };
  one = key("one");
  other = key("other");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const accepted = (text: string, host: string, port = 22) =>
  lookUpKnownHosts([text], host, port).accepted.map((key) => `${key.type} ${key.blob.toString("base64")}`);

describe("known_hosts", () => {
  it("plain names, lists, comments and broken lines", () => {
    const text = `# comment\n\nbroken\nhost ssh-ed25519 !!\na.example,10.0.0.1 ${one} comment\n`;
    expect(accepted(text, "a.example")).toEqual([one]);
    expect(accepted(text, "A.Example")).toEqual([one]);
    expect(accepted(text, "10.0.0.1")).toEqual([one]);
    expect(accepted(text, "10.0.0.10")).toEqual([]);
  });

  it("patterns and exceptions", () => {
    const text = `*.example,!bad.example,10.0.0.? ${one}\n`;
    expect(accepted(text, "good.example")).toEqual([one]);
    expect(accepted(text, "bad.example")).toEqual([]);
    expect(accepted(text, "10.0.0.7")).toEqual([one]);
    expect(accepted(text, "10.0.0.77")).toEqual([]);
    expect(accepted(text, "axexample")).toEqual([]);
  });

  it("ports: an entry with the port wins over one without", () => {
    const text = `h ${one}\n[h]:2222 ${other}\n`;
    expect(accepted(text, "h")).toEqual([one]);
    expect(accepted(text, "h", 2222)).toEqual([other]);
    expect(accepted(text, "h", 2223)).toEqual([one]);
  });

  it("hashed names, as ssh-keygen makes them", () => {
    const file = join(directory, "hashed");
    writeFileSync(file, `10.0.0.1 ${one}\n[10.0.0.2]:2222 ${other}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain("10.0.0");
    expect(accepted(text, "10.0.0.1")).toEqual([one]);
    expect(accepted(text, "10.0.0.2", 2222)).toEqual([other]);
    expect(accepted(text, "10.0.0.3")).toEqual([]);
  });

  it("revoked keys are kept apart, certificate authorities are no host's key", () => {
    const text = `@revoked * ${one}\n@cert-authority *.example ${other}\n`;
    const known = lookUpKnownHosts([text], "a.example", 22);
    expect(known.accepted).toEqual([]);
    expect(known.certified).toBe(true);
    expect(lookUpKnownHosts([text], "a.elsewhere", 2222).certified).toBe(false);
    expect(known.revoked.map(fingerprint)).toEqual([fingerprint(parsePublicKey(one)!)]);
  });

  it("fingerprints are OpenSSH's", () => {
    const printed = execFileSync("ssh-keygen", ["-lf", join(directory, "one.pub")], { encoding: "utf8" });
    expect(printed).toContain(fingerprint(parsePublicKey(one)!));
  });

  it.each(["ed25519", "rsa", "ecdsa"])(
    "a line of a key that is cut short, or longer, is none: %s",
    (kind) => {
      const file = join(directory, `whole-${kind}`);
      execFileSync("ssh-keygen", ["-q", "-t", kind, "-N", "", "-f", file]);
      const [type, key] = readFileSync(`${file}.pub`, "utf8").split(" ") as [string, string];
      expect(parsePublicKey(`${type} ${key}`)).toBeDefined();
      for (const other of [key.slice(0, -4), key.slice(0, 40), `${key.replace(/=+$/, "")}AAAA`])
        expect(parsePublicKey(`${type} ${other}`)).toBeUndefined();
    },
  );
});
