import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { copyFile } from "../../remote/copy/copy";
import { copyDirectory } from "../../remote/copy/copyDirectory";
import { closeAll, connect } from "../../remote/ssh/pool";
import type { SshHost } from "../../remote/ssh/sshHost";
import { eventually, type Server, startServer } from "./sshd";

let one: Server;
let two: Server;
let from: SshHost;
let to: SshHost;
let source: string;
let target: string;

beforeAll(async () => {
  // A server that allows one session must do for a copy as well.
  [one, two] = await Promise.all([startServer(), startServer({ config: ["MaxSessions 1"] })]);
});
afterAll(() => Promise.all([one.stop(), two.stop()]));
beforeEach(() => {
  from = connect(one.connection);
  to = connect(two.connection);
  source = join(one.directory, "source");
  target = join(two.directory, "target");
  for (const directory of [source, target]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
  }
});
afterEach(closeAll);

function file(name: string, size: number, mode = 0o640): { path: string; bytes: Buffer; sha256: string } {
  const path = join(source, name);
  const bytes = randomBytes(size);
  writeFileSync(path, bytes);
  chmodSync(path, mode);
  return { path, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

describe("copying a file", () => {
  it.each([0, 1, 100_000, 128 * 1024 + 1, 9_000_000, 20_000_000])(
    "of %i bytes keeps bytes and mode and knows the hash",
    async (size) => {
      const { path, bytes, sha256 } = file("it's $(a) file\n", size);
      const copy = join(target, "copy");
      expect(await copyFile(from, path, to, copy)).toEqual({ path: copy, bytes: size, sha256, mode: 0o640 });
      expect(readFileSync(copy).equals(bytes)).toBe(true);
      expect(statSync(copy).mode & 0o7777).toBe(0o640);
      expect(readdirSync(target)).toEqual(["copy"]);
    },
  );

  it("within a host does not pass through here", async () => {
    const { path, sha256 } = file("a", 3_000_000);
    const copy = join(source, "b");
    expect(await copyFile(from, path, from, copy)).toMatchObject({ sha256, mode: 0o640 });
  });

  it("where there are no hard links, as on FAT and some shares of a network", async () => {
    // Stood in for on the PATH: no such file system can be mounted everywhere.
    const files = { ln: "#!/bin/sh\necho 'ln: Operation not supported' >&2\nexit 1\n" };
    const server = await startServer({ config: ["SetEnv SHLVL=1 PATH=%d:/usr/bin:/bin"], files });
    onTestFinished(() => server.stop());
    const { path, bytes } = file("a", 300_000);
    const copy = join(target, "copy");
    const without = connect(server.connection);
    await copyFile(from, path, without, copy);
    expect(readFileSync(copy).equals(bytes)).toBe(true);
    expect(readdirSync(target)).toEqual(["copy"]);
    await expect(copyFile(from, path, without, copy)).rejects.toThrow(/exists already/);
  });

  it("is read back by another program where OpenSSL does not hash", async () => {
    const files = { openssl: "#!/bin/sh\necho 'openssl: disabled for FIPS' >&2\nexit 1\n" };
    const server = await startServer({ config: ["SetEnv SHLVL=1 PATH=%d:/usr/bin:/bin"], files });
    onTestFinished(() => server.stop());
    const { path, sha256 } = file("a", 20_000_000);
    expect(await copyFile(from, path, connect(server.connection), join(target, "copy"))).toMatchObject({
      sha256,
    });
  });

  it("replaces nothing", async () => {
    const { path } = file("a", 300_000);
    const copy = join(target, "copy");
    writeFileSync(copy, "precious");
    await expect(copyFile(from, path, to, copy)).rejects.toThrow(/exists already/);
    expect(readFileSync(copy, "utf8")).toBe("precious");
    rmSync(copy);
    symlinkSync("/etc/hostname", copy);
    await expect(copyFile(from, path, to, copy)).rejects.toThrow(/exists already/);
    expect(readdirSync(target)).toEqual(["copy"]);
  });

  it("refuses what is not a plain file, and a directory that is not there", async () => {
    symlinkSync("/etc/hostname", join(source, "link"));
    await expect(copyFile(from, join(source, "link"), to, join(target, "x"))).rejects.toThrow(
      /not a plain file/,
    );
    await expect(copyFile(from, join(source, "none"), to, join(target, "x"))).rejects.toThrow(
      /not a plain file/,
    );
    const { path } = file("a", 10);
    await expect(copyFile(from, path, to, join(target, "no/x"))).rejects.toThrow(/there is no directory/);
  });

  it("that does not fit leaves nothing and says why", async () => {
    const { path } = file("a", 40_000_000);
    // A limit on file size stands in for a full disc: the write fails in the middle in the same way.
    const small = await startServer({
      config: ["ForceCommand %d/limited"],
      files: { limited: "#!/bin/sh\ntrap '' XFSZ\nulimit -f 20000\nexec sh\n" },
    });
    try {
      mkdirSync(join(small.directory, "target"));
      const copy = join(small.directory, "target", "copy");
      await expect(copyFile(from, path, connect(small.connection), copy)).rejects.toThrow(/File too large/);
      expect(readdirSync(join(small.directory, "target"))).toEqual([]);
    } finally {
      await small.stop();
    }
  });

  it("whose bytes arrive changed is found out by its hash, and leaves nothing", async () => {
    const path = join(source, "text");
    writeFileSync(path, "a".repeat(300_000));
    const corrupt = await startServer({
      config: ["SetEnv SHLVL=1 PATH=%d:/usr/bin:/bin"],
      files: { cat: "#!/bin/sh\n/bin/cat | sed '$s/a$/b/'\n" },
    });
    try {
      mkdirSync(join(corrupt.directory, "target"));
      const copy = join(corrupt.directory, "target", "copy");
      await expect(copyFile(from, path, connect(corrupt.connection), copy)).rejects.toThrow(
        /read back 300000 bytes with SHA-256/,
      );
      expect(readdirSync(join(corrupt.directory, "target"))).toEqual([]);
    } finally {
      await corrupt.stop();
    }
  });

  it("that is cut off leaves nothing under the name, and another attempt succeeds", async () => {
    const { path, sha256 } = file("a", 60_000_000);
    const copy = join(target, "copy");
    const cut = copyFile(from, path, to, copy).catch((error: unknown) => error);
    await eventually(
      () => readdirSync(target).some((name) => statSync(join(target, name)).size > 1_000_000),
      "the copy to be under way",
    );
    for (const pid of one.children()) process.kill(pid, "SIGKILL");
    expect(await cut).toMatchObject({ kind: "closed" });
    await eventually(() => readdirSync(target).length === 0, "the partial file to be removed");
    expect(await copyFile(from, path, to, copy)).toMatchObject({ sha256 });
  });
});

describe("copying a directory", () => {
  it("copies everything below it, and appears at once", async () => {
    mkdirSync(join(source, "sub", "deeper"), { recursive: true });
    chmodSync(join(source, "sub"), 0o750);
    const names = ["a.DCD", "big.DCD", "-n", "with space", "a\\b\nc'%s", "sub/x", "sub/deeper/y"];
    const made = names.map((name) => ({ name, ...file(name, name === "big.DCD" ? 2_000_000 : 500) }));
    names.push("empty");
    made.push({ name: "empty", ...file("empty", 0) });
    chmodSync(join(source, "a.DCD"), 0o640);
    const copy = join(target, "copy");
    const files = await copyDirectory(from, source, to, copy);
    expect(files.map(({ path }) => path).sort()).toEqual([...names].sort());
    for (const { name, bytes, sha256 } of made) {
      expect(readFileSync(join(copy, name)).equals(bytes)).toBe(true);
      expect(files.find(({ path }) => path === name)).toMatchObject({ sha256 });
    }
    expect(statSync(join(copy, "sub")).mode & 0o777).toBe(0o750);
    expect(statSync(join(copy, "a.DCD")).mode & 0o777).toBe(0o640);
    expect(readdirSync(target)).toEqual(["copy"]);
    await expect(copyDirectory(from, source, to, copy)).rejects.toThrow(/exists already/);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "says which file its reader cannot read, and leaves nothing",
    async () => {
      const open = mkdtempSync(join(tmpdir(), "copy-"));
      try {
        chmodSync(open, 0o755);
        for (const name of ["a", "shut"]) writeFileSync(join(open, name), "", { mode: 0o644 });
        chmodSync(join(open, "shut"), 0o600);
        await expect(
          copyDirectory(from, open, to, join(target, "copy"), { readAs: "nobody" }),
        ).rejects.toThrow(`${open}/shut of ${from.label} cannot be read by nobody.`);
        expect(readdirSync(target)).toEqual([]);
      } finally {
        rmSync(open, { recursive: true });
      }
    },
  );

  it("refuses a symbolic link anywhere in it, and leaves nothing", async () => {
    file("a", 10);
    symlinkSync("/etc", join(source, "odd"));
    await expect(copyDirectory(from, source, to, join(target, "copy"))).rejects.toThrow(/odd is neither/);
    expect(readdirSync(target)).toEqual([]);
  });
});
