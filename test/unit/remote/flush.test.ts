import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "leofs-flush-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const root = join(__dirname, "../../..");
const libraries = ["remote/scripts/lib.sh", "leofs/incident/scripts/lib.sh"].map(
  (file) => `. ${join(root, file)}`,
);

/** How a function of the scripts ends where `sync` with names says this and fails. */
function ends(call: string, says: string) {
  const sync = join(directory, "sync");
  writeFileSync(sync, `#!/bin/sh\n[ $# = 0 ] || { echo "sync: error syncing '$2': ${says}" >&2; exit 1; }\n`);
  chmodSync(sync, 0o755);
  const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
  const text = `${libraries.join("; ")}; ${call}`;
  const { status, stderr } = spawnSync("/bin/sh", ["-c", text], { cwd: directory, env, encoding: "utf8" });
  return { status, stderr: stderr.trim() };
}

test.each(["flush sync", "flush_files ."])("%s: what a disc did not take is not flushed", (call) => {
  for (const says of [
    "Input/output error",
    "No space left on device",
    "Disk quota exceeded",
    // As what is mounted over the network says it, on old systems and new ones.
    "Stale NFS file handle",
    "Stale file handle",
    "Remote I/O error",
    "Connection timed out",
    "Transport endpoint is not connected",
    "Host is down",
  ])
    expect(ends(call, says)).toMatchObject({ status: 1, stderr: expect.stringContaining(says) });
  // As a directory of some network file systems, or a file that may not be read: everything is flushed then.
  for (const says of ["Invalid argument", "Permission denied"])
    expect(ends(call, says)).toEqual({ status: 0, stderr: "" });
});
