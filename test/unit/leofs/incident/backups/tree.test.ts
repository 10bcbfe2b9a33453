import { createHash } from "node:crypto";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  hashTree,
  type TreeFile,
  totalBytes,
  treeDifferences,
} from "../../../../../leofs/incident/backups/tree";
import { cleanUp, temporary } from "../../../support/fakeHome";
import { LocalHost } from "../../../support/localHost";

const host = new LocalHost();
cleanUp();

const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("a directory tree, hashed on its host", () => {
  test("names, sizes, modes and hashes of every file at any depth, whatever it is called", async () => {
    const directory = await temporary();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const names = [
      "schema.DAT",
      "with blank",
      " ends ",
      "-n",
      "$(x)'\"",
      "\u00e9\u20ac",
      "a.hash.1",
      "deep/er/file",
      "@= x",
    ];
    await mkdir(join(directory, "deep/er"), { recursive: true });
    await mkdir(join(directory, "empty"));
    for (const name of names) await writeFile(join(directory, name), bytes, { mode: 0o640 });
    await writeFile(join(directory, "zero"), "");
    await chmod(directory, 0o751);
    const tree = await hashTree(host, directory, undefined);
    expect(tree.mode).toBe("751");
    expect(tree.files.map(({ name }) => name).sort()).toEqual([...names, "zero"].sort());
    for (const file of tree.files.filter(({ name }) => name !== "zero"))
      expect(file).toMatchObject({ bytes: 256, mode: "640", sha256: sha256(bytes) });
    expect(tree.files.find(({ name }) => name === "zero")).toMatchObject({ bytes: 0, sha256: sha256("") });
    expect(totalBytes(tree.files)).toBe(256 * names.length);
  });

  test.each(["a\nb", "a\\b"])(
    "a name that cannot be told safely (%j) is refused, not skipped",
    async (name) => {
      const directory = await temporary();
      await writeFile(join(directory, name), "x");
      await expect(hashTree(host, directory, undefined)).rejects.toThrow();
    },
  );

  test("a link, and a directory that is not there, are refused", async () => {
    const directory = await temporary();
    await expect(hashTree(host, join(directory, "none"), undefined)).rejects.toThrow(
      /none: the directory could not be read/,
    );
    await mkdir(join(directory, "sub"));
    await symlink("/etc/passwd", join(directory, "sub/link"));
    await expect(hashTree(host, directory, undefined)).rejects.toThrow(
      /sub\/link is neither a file nor a directory/,
    );
  });

  test("an empty one has no files", async () => {
    expect((await hashTree(host, await temporary(), undefined)).files).toEqual([]);
  });
});

test("differences are named, in both directions; owner and mode are none", () => {
  const file = (name: string, hash: string, more: Partial<TreeFile> = {}): TreeFile => ({
    name,
    bytes: 1,
    mode: "644",
    owner: "a:b",
    sha256: hash,
    ...more,
  });
  const wanted = [file("same", "1"), file("other", "2", { bytes: 7 }), file("gone", "3")];
  const found = [file("same", "1", { mode: "600", owner: "c:d" }), file("other", "9"), file("more", "4")];
  expect(treeDifferences(wanted, found)).toEqual([
    "other differs (7 and 1 bytes)",
    "gone is missing",
    "more is there and should not be",
  ]);
  expect(treeDifferences(wanted, wanted)).toEqual([]);
});
