import { WITHOUT_COPIES } from "../incident/backups/secondCopy";
import { sentence } from "../sentence";
import { type Finding, refuse } from "./findings";
import type { BackupPlaceFacts } from "./view";

/**
 * Whether second copies of all backups can be kept in a directory on another host.
 *
 * @param label of that host
 * @param wantedKiB what the backups of all managers may take
 */
export function secondCopyFindings(
  label: string,
  { path, link, writable, freeKiB }: BackupPlaceFacts,
  wantedKiB: number,
): Finding[] {
  const name = `${label}: the directory for second copies ${path}`;
  if (link)
    return [
      refuse(
        "copyTo",
        `${name} is a symbolic link, which is not followed. Name the real one, ${WITHOUT_COPIES}.`,
      ),
    ];
  if (!writable)
    return [
      refuse(
        "copyTo",
        `${name} cannot be written by the user who logs in there. Make it writable, set another copyTo.directory, ${WITHOUT_COPIES}.`,
      ),
    ];
  if (freeKiB !== undefined && freeKiB < wantedKiB)
    return [
      refuse(
        "copyTo",
        `${name} has ${freeKiB} KiB free, ${wantedKiB} KiB are needed. Free space there, set another copyTo.directory, ${WITHOUT_COPIES}.`,
      ),
    ];
  return [];
}

/** The host for second copies cannot be looked at. */
export const secondCopyUnreachable = (label: string, problem: string): Finding =>
  refuse(
    "copyTo",
    `the host for second copies (copyTo) cannot be used: ${label}: ${sentence(problem)} Mend that, name another host, ${WITHOUT_COPIES}.`,
  );
