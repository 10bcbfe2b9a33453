import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { serviceKeyProblem } from "../../../../remote/ssh/serviceKey";

const directory = mkdtempSync(join(tmpdir(), "service-key-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let made = 0;
function key(...options: string[]): string {
  made += 1;
  const file = join(directory, `key${made}`);
  execFileSync("ssh-keygen", ["-q", "-f", file, ...options]);
  return readFileSync(file, "utf8");
}

const PASS = "a pass phrase";
const PUTTY = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n";

describe("what the client of the service steps reads", () => {
  test.each<[string, () => string, string | undefined, RegExp | undefined]>([
    ["OpenSSH's own format", () => key("-t", "ed25519", "-N", ""), undefined, undefined],
    ["the same, encrypted as it is today", () => key("-t", "ed25519", "-N", PASS), PASS, undefined],
    ["PEM", () => key("-t", "rsa", "-m", "PEM", "-N", ""), undefined, undefined],
    ["encrypted PEM", () => key("-t", "rsa", "-m", "PEM", "-N", PASS), PASS, undefined],
    [
      "encrypted PKCS #8",
      () => key("-t", "rsa", "-m", "PKCS8", "-N", PASS),
      PASS,
      /encrypted keys in PKCS #8/,
    ],
    [
      "another cipher",
      () => key("-t", "ed25519", "-Z", "aes256-gcm@openssh.com", "-N", PASS),
      PASS,
      /encrypted with aes256-gcm@openssh\.com/,
    ],
    ["PuTTY's format", () => PUTTY, undefined, /PuTTY's format/],
    ["a pass phrase too many", () => key("-t", "ed25519", "-N", ""), PASS, /refuses privateKeyPassword/],
    ["the same, in PEM", () => key("-t", "rsa", "-m", "PEM", "-N", ""), PASS, /refuses privateKeyPassword/],
  ])("%s", (_, text, passphrase, problem) => {
    const said = serviceKeyProblem(text(), passphrase);
    if (problem) expect(said).toMatch(problem);
    else expect(said).toBeUndefined();
    expect(said ?? "").not.toContain(PASS);
  });
});
