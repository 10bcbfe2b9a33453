import type { Report } from "../../../remote/wait";
import { clearWork } from "../../incident/clearWork";
import { entries } from "../../incident/entries";
import { endedAtCheck } from "../../incident/incident";
import type { Incident } from "../../incident/readIncident";
import type { Manager } from "../../manager/manager";
import type { Dump } from "../../mnesia/dump";
import { outageSeconds } from "../outage";
import { isUnmade } from "../replica";
import { serveFirst, withoutFiles } from "../serveFirst";
import { isRolledBack, NEVER_BEGUN, refusal, usedText, whyNot } from "./mayRollBack";
import { putManagerBack } from "./putManagerBack";
import { returnPartner, takeReplicaOut } from "./returnReplica";
import {
  nodeOf,
  type RollbackSide,
  type RollbackSides,
  readSides,
  servesBefore,
  sidesOf,
} from "./rollbackState";
import { startAsBefore } from "./startAsBefore";
import { backedUpRows, dumpRows, undumped, useInFiles } from "./usedSince";

/**
 * Puts both managers back as they were before the incident: Mnesia files, modes, owners, conf, whom the nodes follow, and
 * who was running. Once begun, the recovery of this incident is over: only a new incident recovers again.
 *
 * Nothing is deleted: what the recovery had made is moved aside. Run again after a crash at any point it goes on.
 *
 * @returns the evidence, one line each.
 * @throws when it is refused: the incident was never begun, was proven, or the new pair was put to use.
 */
export async function rollBack(
  managers: readonly [Manager, Manager],
  incident: Incident,
  cluster: string,
  report: Report,
): Promise<string[]> {
  const begun = await readSides(managers, incident);
  if (!begun) throw refusal(cluster, NEVER_BEGUN);
  const dumped = await dumpLast(begun, incident, report);
  // To load and dump a backup takes a while: what runs is looked at again then.
  const seen = dumped ? (await readSides(managers, incident))! : begun;
  const expected = seen.online ? undefined : await backedUpRows(seen);
  const why = await whyNot(seen, incident, expected);
  if (why) throw refusal(cluster, why);
  if (isRolledBack(seen))
    return [`adopted: rolled back before, at ${String(entries.rollback.done(seen.good.journal)?.at)}`];
  if (endedAtCheck(sidesOf(seen).map(({ journal }) => journal))) {
    // What a check that was interrupted noted of one manager alone says nothing of the other.
    const evidence = ["the recovery ended at its check: nothing was changed, and nothing is put back"];
    for (const { journal } of sidesOf(seen))
      await entries.rollback.finish(journal, { evidence, outageSeconds: 0 });
    return evidence;
  }
  const { good, other } = seen;
  const served =
    servesBefore(seen) &&
    (await serveFirst(good.manager, other.manager, () => unfit(other), report, {
      lost: entries.check.done(good.journal)?.lost,
      unmade: isUnmade(incident, other.manager),
    }));
  const sides = served ? (await readSides(managers, incident))! : seen;
  const both = sidesOf(sides);
  for (const side of both.filter(({ stops }) => stops)) {
    report(`stopping ${nodeOf(side)}`);
    await side.manager.stop(side.journal.noting);
    // The stop was noted by its script.
    await side.journal.readAgain();
  }
  // While the good one serves, what was written through either is in its tables, which stay.
  const unseen = sides.online ? [] : both.filter(({ replaces }) => replaces).map(notSeen);
  const evidence = expected ? await refuseIfUsed(sides, expected, cluster, report) : unseen;
  for (const { journal } of both) await entries.rollback.begin(journal, {});
  if (sides.online) evidence.push(...(await takeReplicaOut(sides, report)));
  for (const side of both) {
    report(`putting ${nodeOf(side)} back as it was`);
    evidence.push(...(await putManagerBack(side, incident)));
  }
  if (sides.online) await returnPartner(sides.good);
  evidence.push(...(await startAsBefore(sides, expected, report)));
  const outage = await outageSeconds(sides.good.manager, sides.good.journal);
  evidence.push(...(await clearWork(both.map(({ manager }) => manager.place))));
  for (const { journal } of both) await entries.rollback.finish(journal, { evidence, outageSeconds: outage });
  return evidence;
}

/**
 * The rows up to the stop are what use is told by. A run that ended beside the starts left them in the files alone.
 *
 * @returns whether they were dumped now
 */
async function dumpLast(sides: RollbackSides, incident: Incident, report: Report): Promise<boolean> {
  const backup = undumped(sides);
  if (backup === undefined) return false;
  report(`dumping the rows of ${nodeOf(sides.good)} up to its stop, out of ${backup}`);
  await dumpRows(sides, incident, backup);
  return true;
}

/**
 * Why a manager must not help the serving one. With files from before the incident it could serve older rows, which the
 * serving one would then take over: it helps with what it was given, where it ran before too, or where it ran last.
 */
export async function unfit({
  manager,
  journal,
  before,
  returned,
  ranLast,
  original,
}: RollbackSide): Promise<string | undefined> {
  if (returned && original !== undefined)
    return ", whose files are those from before the incident. Nothing is lost: what it had last is kept beside its Mnesia directory.";
  const empty = await withoutFiles(manager);
  const { node } = manager.spec;
  const made = entries.replica(node).isBegun(journal) || entries.restore(node).isBegun(journal);
  if (empty || before.running || ranLast || made) return empty;
  return ", which was down before the incident and has the files of then: started now it could put older rows in the place of newer ones. Nothing was changed. See why it does not serve alone, then run pulumi up again.";
}

/** The last word, from the files of the stopped managers: a row may have been written until the stop. */
async function refuseIfUsed(
  sides: RollbackSides,
  expected: Dump,
  cluster: string,
  report: Report,
): Promise<string[]> {
  const doubts: string[] = [];
  for (const side of sidesOf(sides)) {
    const seen = side.returned
      ? { rows: [] }
      : await useInFiles(side, sides, expected).catch(async (error: unknown) => {
          await startAgain(sides, report);
          throw error;
        });
    if ("problem" in seen) {
      doubts.push(
        `what ${nodeOf(side)} had since could not be loaded (${seen.problem}): it is kept, not looked at`,
      );
      continue;
    }
    if (seen.rows.length === 0) continue;
    await startAgain(sides, report);
    throw refusal(cluster, usedText(side, seen.rows));
  }
  return doubts;
}

/** Ends the stop of a rollback that goes no further. */
async function startAgain(sides: RollbackSides, report: Report): Promise<void> {
  for (const { manager } of sidesOf(sides).filter(({ stops }) => stops)) {
    report(`starting ${manager.spec.node} again`);
    await manager.start();
  }
}

const notSeen = (side: RollbackSide): string =>
  `cannot tell whether ${nodeOf(side)} was used since: there is no earlier dump to compare with. Its files are kept`;
