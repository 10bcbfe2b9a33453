import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalHost } from "./localHost";

/** Whether this machine can have such a host: only root may give files to somebody else, and a user namespace is needed. */
export const canSquash =
  process.getuid?.() === 0 && spawnSync("unshare", ["--user", "--map-root-user", "true"]).status === 0;
if (!canSquash)
  console.log("SKIPPED: hosts where root may give no file away (needs root and user namespaces)");

/**
 * A host where files keep neither owner nor ACL when they are copied, as on a backup server that squashes root: `cp -p` says so
 * and fails there, though every byte is copied.
 */
export function squashedHost(directory: string): LocalHost {
  const shell = join(directory, "squashed-sh");
  writeFileSync(shell, '#!/bin/sh\nexec unshare --user --map-root-user sh "$@"\n', { mode: 0o755 });
  return new LocalHost(shell);
}

/** A user of this machine's that is none of such a host's. */
export const STRANGER = 12_345;
