import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { formatTerm, parseTerm } from "../leofs/erlang/terms";
import { type Manifest, parseManifest } from "../leofs/incident/backups/manifest";
import { totalBytes } from "../leofs/incident/backups/tree";
import type { Dump } from "../leofs/mnesia/dumpFile";
import { parseDump } from "../leofs/mnesia/heldDump";
import { messageOf } from "../remote/errors";

/** What a check of a backup directory found; `problems` is empty when it is what was written. */
export interface BackupVerdict {
  manifest: Manifest;
  problems: string[];
}

/**
 * Checks a published backup on this machine without Pulumi: every file against its manifest by size and SHA-256, no
 * file too many, and of a dump every table's rows and digest.
 *
 * @throws when the directory holds no manifest.
 */
async function verifyBackupDirectory(directory: string): Promise<BackupVerdict> {
  const manifest = parseManifest(await readFile(join(directory, "manifest.json"), "utf8"));
  const problems: string[] = [];
  const found = new Set((await filesBelow(directory, directory)).filter((name) => name !== "manifest.json"));
  for (const file of manifest.files) {
    if (!found.delete(file.name)) problems.push(`${file.name} is missing`);
    else if ((await stat(join(directory, file.name))).size !== file.bytes)
      problems.push(`${file.name} does not have ${file.bytes} bytes`);
    else if ((await sha256(join(directory, file.name))) !== file.sha256)
      problems.push(`${file.name} has another SHA-256 than when it was written`);
  }
  for (const name of found) problems.push(`${name} is there and not in the manifest`);
  if (manifest.kind === "dump" && problems.length === 0)
    problems.push(...(await dumpProblems(directory, manifest)));
  return { manifest, problems };
}

async function dumpProblems(directory: string, { tables = {} }: Manifest): Promise<string[]> {
  const dump = parseDump(await readFile(join(directory, "dump.txt")));
  const problems: string[] = [];
  for (const [name, { sha256 }] of Object.entries(tables))
    if (dump.tables.get(name)?.sha256 !== sha256 && (await digestOfTerms(dump, name)) !== sha256)
      problems.push(`${name}: its rows are not those that were dumped`);
  return problems;
}

/** The digest of a table as 0.1.0 made it: over its rows as terms, which differ from what Erlang prints in letters beyond ASCII. */
async function digestOfTerms(dump: Dump, table: string): Promise<string> {
  const lines: string[] = [];
  for await (const rows of dump.rows([table])) lines.push(...rows.map((row) => formatTerm(parseTerm(row))));
  const hash = createHash("sha256");
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest("hex");
}

async function filesBelow(directory: string, top: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.map(async (entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesBelow(path, top) : [relative(top, path)];
  });
  return (await Promise.all(names)).flat();
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Adds `verify-backup` to the program: whether backups on this machine are what was written. */
export function addVerifyBackup(program: Command): void {
  program
    .command("verify-backup")
    .description("check backups on this machine: every file by SHA-256, of a dump every table")
    .argument("<directory...>", "each a directory with a manifest.json")
    .action(async (directories: string[]) => {
      process.exitCode = await verify(directories);
    });
}

async function verify(directories: readonly string[]): Promise<number> {
  let bad = 0;
  for (const directory of directories) {
    try {
      const { manifest, problems } = await verifyBackupDirectory(directory);
      const { kind, node, incident, files } = manifest;
      const what = `${kind} of ${node}, incident ${incident}: ${files.length} files, ${totalBytes(files)} bytes`;
      console.log(
        problems.length === 0 ? `good     ${directory}: ${what}` : `DAMAGED  ${directory}: ${what}`,
      );
      for (const problem of problems) console.log(`         ${problem}`);
      bad += problems.length === 0 ? 0 : 1;
    } catch (error) {
      console.log(`NO BACKUP ${directory}: ${messageOf(error)}`);
      bad += 1;
    }
  }
  return bad === 0 ? 0 : 1;
}
