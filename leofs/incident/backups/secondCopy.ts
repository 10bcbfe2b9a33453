import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { messageOf } from "../../../remote/errors";
import { NEW_FILE, REMOVE_FILE, whatIs } from "../../../remote/files";
import { script } from "../../../remote/script";
import type { IncidentPlace } from "../../manager/lookedAt";
import { sentence } from "../../sentence";
import { entries } from "../entries";
import type { Journal } from "../journal";
import { preparePlace, publish, publishedBackups, readBack, verifyBackup } from "./backupPlace";
import type { Manifest } from "./manifest";
import type { CopyTree } from "./restoreFiles";

/** A second copy of a backup that was read back and compared with the backup's manifest. */
export interface SecondCopy {
  /** Label of the host it is on. */
  host: string;
  path: string;
}

/** For evidence: where a second copy is, and how it was verified. */
export const secondCopyText = ({ host, path }: SecondCopy): string =>
  `${path} on ${host}, every file read back there with the SHA-256 of the manifest`;

const REMOVE_PARTIAL = script("leofs/incident/scripts/remove-partial-copy.sh");

/** What can always be done when second copies cannot be made. */
export const WITHOUT_COPIES = "or take copyTo out of the settings to go on without second copies";

/**
 * Makes the incident's directory (0700) for second copies and proves that it can be written, and that it is not the
 * very directory that the backups are in.
 *
 * @throws with the reason and the way out.
 */
export async function prepareSecondPlace(
  first: IncidentPlace,
  second: IncidentPlace,
  directory: string,
): Promise<void> {
  const advice = `Make it writable for the user who logs in there, free space on it, set another copyTo.directory, ${WITHOUT_COPIES}.`;
  await preparePlace(second, directory, { name: "the directory for second copies", advice });
  if (first.directory !== second.directory) return;
  const mark = `${second.directory}/.second-copy-${randomBytes(8).toString("hex")}`;
  await second.host.run(NEW_FILE, { path: mark }, { as: second.as });
  const seen = await whatIs(first.host, mark, { as: first.as });
  await second.host.run(REMOVE_FILE, { path: mark }, { as: second.as });
  if (seen !== "nothing")
    throw new Error(
      `copyTo: ${second.directory} on ${second.host.label} is the directory of the backups themselves, seen under another name of ${first.host.label}: that is no second copy. Nothing was changed. Name another host, ${WITHOUT_COPIES}.`,
    );
}

/**
 * Puts a second copy of every backup published for an incident on one host to another: under a partial name, synced,
 * verified there against the manifest, published by one rename. Never overwrites; a copy that is there already is
 * verified and adopted, an interrupted one is made again.
 *
 * @param journal of the host that has the backups
 * @param wanted paths of backups whose copies are verified again even if they were made and noted before
 * @returns the copies that were made or verified
 * @throws with the evidence; the backups are untouched.
 */
export async function copyBackups(
  journal: Journal,
  second: IncidentPlace,
  wanted: readonly string[],
  copy: CopyTree,
): Promise<SecondCopy[]> {
  const first = journal.place;
  const copies: SecondCopy[] = [];
  for (const name of await publishedBackups(first)) {
    const path = `${first.directory}/${name}`;
    const target = { host: second.host.label, path: `${second.directory}/${name}` };
    const entry = entries.copied(name);
    const noted = entry.done(journal);
    const isNoted = noted?.host === target.host && noted.path === target.path;
    if (isNoted && !wanted.includes(path)) continue;
    await afterOthers(`${target.host} ${target.path}`, () =>
      copyBackup(journal, path, second, target.path, copy),
    );
    if (!isNoted) await entry.finish(journal, target);
    copies.push(target);
  }
  return copies;
}

/** Copies that are being made, by where. */
const underWay = new Map<string, Promise<void>>();

/**
 * Works on one place after whoever does so already: managers that share a backup directory each see to the copies of all that is
 * in it, side by side.
 */
async function afterOthers(place: string, work: () => Promise<void>): Promise<void> {
  const turn = (underWay.get(place) ?? Promise.resolve()).catch(() => undefined).then(work);
  underWay.set(place, turn);
  try {
    await turn;
  } finally {
    if (underWay.get(place) === turn) underWay.delete(place);
  }
}

async function copyBackup(
  journal: Journal,
  path: string,
  second: IncidentPlace,
  target: string,
  copy: CopyTree,
): Promise<void> {
  const { place: first } = journal;
  const manifest = await verifyBackup(journal, path);
  const there = await whatIs(second.host, target, { as: second.as });
  if (there !== "nothing") return adopt(second, target, there, manifest, path);
  const partial = `${second.directory}/.${basename(target)}.partial`;
  try {
    await second.host.run(REMOVE_PARTIAL, { partial }, { timeoutMs: 300_000 });
    await copy(
      { host: first.host, directory: path, as: first.as },
      { host: second.host, directory: partial, as: second.as },
    );
    const arrived = await readBack(second, partial);
    if (!same(arrived, manifest)) throw new Error(`what arrived in ${partial} is another backup`);
    await publish(second, partial, target, undefined);
  } catch (error) {
    throw new Error(
      `the second copy of ${path} (${first.host.label}) was not made: ${sentence(messageOf(error))} The backup itself is whole. Mend the way to ${second.host.label}, ${WITHOUT_COPIES}, then run pulumi up again.`,
    );
  }
}

/** Takes what is there for the copy if it is it. */
async function adopt(
  second: IncidentPlace,
  target: string,
  there: "link" | "something",
  manifest: Manifest,
  path: string,
): Promise<void> {
  const problem =
    there === "link"
      ? "it is a symbolic link, which is not followed"
      : await readBack(second, target).then(
          (found) => (same(found, manifest) ? undefined : `it is another backup, taken at ${found.takenAt}`),
          (error: Error) => error.message,
        );
  if (problem)
    throw new Error(
      `${second.host.label}: ${target} is there already and is no copy of ${path}: ${sentence(problem)} Nothing is overwritten. See what it is and move it aside, set another copyTo.directory, ${WITHOUT_COPIES}, then run pulumi up again.`,
    );
}

const same = (one: Manifest, other: Manifest): boolean => JSON.stringify(one) === JSON.stringify(other);
