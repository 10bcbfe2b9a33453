import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  nextName,
  preparePlace,
  publish,
  publishedBackups,
  verifyBackup,
} from "../../../../../leofs/incident/backups/backupPlace";
import { type Manifest, parseManifest } from "../../../../../leofs/incident/backups/manifest";
import { hashTree } from "../../../../../leofs/incident/backups/tree";
import { Journal } from "../../../../../leofs/incident/journal";
import type { IncidentPlace } from "../../../../../leofs/manager/lookedAt";
import { cleanUp, contents, temporary } from "../../../support/fakeHome";
import { LocalHost } from "../../../support/localHost";

const host = new LocalHost();
cleanUp();

async function place(): Promise<{ top: string; at: IncidentPlace }> {
  const top = join(await temporary(), "backups");
  return { top, at: { host, directory: join(top, "production-one"), as: undefined } };
}

/** Publishes one file under a name. */
async function published(at: IncidentPlace, name: string, text = "rows"): Promise<Manifest> {
  const partial = join(at.directory, `.${name}.partial`);
  await mkdir(partial, { recursive: true });
  await writeFile(join(partial, "dump.txt"), text, { mode: 0o644 });
  const { files } = await hashTree(host, partial, undefined);
  const manifest: Manifest = {
    schemaVersion: 1,
    kind: "dump",
    node: "m\u00e4nager@x",
    role: "master",
    version: "1.4.4",
    incident: "one",
    takenAt: "2026-11-22T00:00:00.000Z",
    files,
  };
  await publish(at, partial, join(at.directory, name), manifest);
  return manifest;
}

describe("the incident's directory", () => {
  test("is made, closed to others, and proven writable without a trace; again changes nothing", async () => {
    const { top, at } = await place();
    await preparePlace(at, top);
    await writeFile(join(at.directory, "kept"), "x");
    await preparePlace(at, top);
    expect(await contents(top)).toEqual({ "production-one/kept": expect.any(String) });
    const { mode } = await hashTree(host, at.directory, undefined);
    expect(mode).toBe("700");
  });

  test.each<[string, (top: string) => Promise<unknown>, RegExp]>([
    ["a file in its place", (top) => writeFile(top, ""), /is not a directory/],
    ["a symbolic link", (top) => symlink("/tmp", top), /is a symbolic link, which is not followed/],
    [
      "a link in the incident's place",
      async (top) => {
        await mkdir(top);
        await symlink("/tmp", join(top, "production-one"));
      },
      /is a symbolic link, which is not followed/,
    ],
    [
      "a link in the journal's place",
      async (top) => {
        await mkdir(join(top, "production-one"), { recursive: true });
        await symlink("/tmp", join(top, "production-one/journal"));
      },
      /is a symbolic link, which is not followed/,
    ],
    [
      "a file in the incident's place",
      async (top) => {
        await mkdir(top);
        await writeFile(join(top, "production-one"), "");
      },
      /production-one/,
    ],
  ])("%s is refused before anything is changed", async (_, prepare, text) => {
    const { top, at } = await place();
    await prepare(top);
    const refused = preparePlace(at, top);
    await expect(refused).rejects.toThrow(text);
    await expect(refused).rejects.toThrow(/Nothing was changed\. Make it writable/);
  });
});

describe("a published backup", () => {
  test("is one rename away from being there, whole, closed to others", async () => {
    const { at } = await place();
    const manifest = await published(at, "dump-001");
    expect(await readdir(at.directory)).toEqual(["dump-001"]);
    expect(parseManifest(await readFile(join(at.directory, "dump-001/manifest.json"), "utf8"))).toEqual(
      manifest,
    );
    const modes = Object.values(await contents(at.directory)).map((text) => text.split(" ")[0]);
    expect(modes).toEqual(["600", "600"]);
    expect(await verifyBackup(new Journal(at), join(at.directory, "dump-001"))).toEqual(manifest);
  });

  test("is never overwritten: not by another, not in place of an empty directory or a dangling link", async () => {
    const { at } = await place();
    await published(at, "dump-001", "first");
    await mkdir(join(at.directory, "dump-002"));
    await symlink("/nowhere", join(at.directory, "dump-003"));
    for (const name of ["dump-001", "dump-002", "dump-003"])
      await expect(published(at, name, "second")).rejects.toThrow(
        /exists already; a backup is never overwritten/,
      );
    expect(await readFile(join(at.directory, "dump-001/dump.txt"), "utf8")).toBe("first");
    expect(await readdir(join(at.directory, "dump-002"))).toEqual([]);
  });

  test("those that are finished are listed, others are not", async () => {
    const { at } = await place();
    expect(await publishedBackups(at)).toEqual([]);
    await published(at, "files-b-001");
    await published(at, "dump-a-001");
    await mkdir(join(at.directory, ".dump-a-002.partial"));
    await mkdir(join(at.directory, "journal"));
    expect(await publishedBackups(at)).toEqual(["dump-a-001", "files-b-001"]);
  });

  test.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    [
      "gone",
      (path) => rm(path, { recursive: true }),
      /the backup .* is gone\. Find out who moved .* put it back/,
    ],
    ["without its manifest", (path) => rm(join(path, "manifest.json")), /holds no manifest\.json/],
    [
      "with a manifest that is none",
      (path) => writeFile(join(path, "manifest.json"), "{}"),
      /is not a manifest of/,
    ],
    ["with half a manifest", (path) => writeFile(join(path, "manifest.json"), '{"a'), /is not JSON/],
    [
      "with another file",
      (path) => writeFile(join(path, "dump.txt"), "rowz"),
      /dump\.txt differs \(4 and 4 bytes\)/,
    ],
    ["with a file too many", (path) => writeFile(join(path, "x"), ""), /x is there and should not be/],
    ["with a file too few", (path) => rm(join(path, "dump.txt")), /dump\.txt is missing/],
  ])("%s does not pass", async (_, spoil, text) => {
    const { at } = await place();
    await published(at, "dump-001");
    await spoil(join(at.directory, "dump-001"));
    await expect(verifyBackup(new Journal(at), join(at.directory, "dump-001"))).rejects.toThrow(text);
  });

  test("a backup that cannot be read does not pass for a lesser one", async () => {
    const { at } = await place();
    await published(at, "dump-001");
    await chmod(join(at.directory, "dump-001/dump.txt"), 0o000);
    // Root reads it all the same; anybody else is told.
    const verified = verifyBackup(new Journal(at), join(at.directory, "dump-001"));
    if (process.getuid?.() === 0) await expect(verified).resolves.toBeDefined();
    else await expect(verified).rejects.toThrow();
  });
});

test("the next name is free, and the first free one", () => {
  expect(nextName([], "dump-a")).toBe("dump-a-001");
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 12 })), (numbers) => {
      const taken = numbers.map((n) => `p-${String(n).padStart(3, "0")}`);
      const next = nextName([...taken, "other-001"], "p");
      expect(taken).not.toContain(next);
      const number = Number(next.slice(2));
      for (let n = 1; n < number; n += 1) expect(numbers).toContain(n);
    }),
  );
});
