import { broken, chooseDonor, nodeOf, serves } from "../../leofs/checks/donor";
import { silenceMended } from "../../leofs/checks/silence";
import type { ManagerState } from "../../leofs/checks/view";
import { type Diagnosis, type Found, inPlace, unclear } from "./diagnosis";
import { judgeAlone } from "./judgeAlone";
import { partnerOf, stateOf, typed } from "./states";

/** Two managers that were started before. */
export async function judgePair(
  pair: readonly [ManagerState, ManagerState],
  found: Found,
): Promise<Diagnosis> {
  const [one, other] = pair;
  const evidence = pair.map(stateOf);
  const strangers = pair.filter((view, at) => partnerOf(view) !== nodeOf(pair[1 - at]!));
  const [stranger] = strangers;
  if (strangers.length === 1 && serves(stranger!)) {
    const newcomer = stranger === one ? other : one;
    return newcomer.mnesia.files.length === 0
      ? judgeAlone(stranger!, newcomer, found)
      : startedBefore(stranger!, newcomer, evidence);
  }
  if (strangers.length > 0)
    return unclear(
      `${nodeOf(one)} and ${nodeOf(other)} are not the two managers of one cluster.`,
      [
        ...evidence,
        ...strangers.map((view) => `the partner of ${nodeOf(view)} is ${partnerOf(view) ?? "not set"}`),
      ],
      ["name the hosts of two managers that are each other's partner"],
    );
  const { role } = one.manager.settings;
  if (other.manager.settings.role === role)
    return unclear(
      `${nodeOf(one)} and ${nodeOf(other)} are both configured as ${role}: a pair has one of each.`,
      evidence,
      ["set manager.mode in the conf of the one that is not, then diagnose again"],
    );
  if (serves(one) && serves(other)) return bothServe(pair, evidence);
  if (pair.some(isSilent)) return silent(pair, evidence);
  if (serves(one) || serves(other)) return oneServes(serves(one) ? pair : [other, one], evidence);
  return noneServes(pair, evidence);
}

function bothServe([one, other]: readonly [ManagerState, ManagerState], evidence: string[]): Diagnosis {
  const together = one.evidence!.runningManagers.includes(nodeOf(other));
  if (together)
    return {
      kind: "healthy",
      verdict: `${nodeOf(one)} and ${nodeOf(other)} serve together: there is nothing to recover.`,
      evidence,
      next: [],
    };
  return {
    kind: "splitBrain",
    verdict: `${nodeOf(one)} and ${nodeOf(other)} both serve, each without the other (split brain).`,
    evidence,
    next: [
      "compare what users wrote on each: leofs-adm get-users, get-buckets, on both consoles",
      "stop the one that is to be given up, then diagnose again: it is recovered in place from the other",
      ...[one, other].map((view) => `to give up ${nodeOf(view)}, ${typed("stop", view)}`),
    ],
  };
}

/** @param pair the one that serves first */
function oneServes([good, bad]: readonly [ManagerState, ManagerState], evidence: string[]): Diagnosis {
  const wrong = broken(bad);
  if (wrong === undefined && bad.manager.facts.beams.length === 0)
    return {
      kind: "start",
      verdict: `${nodeOf(bad)} is only down: its files are whole, and ${nodeOf(good)} serves.`,
      evidence,
      next: [
        typed("start", bad),
        "if it does not serve a minute later, diagnose again: then its files are not what they seem",
      ],
    };
  return inPlace(bad, good, evidence);
}

/** A replacement that made tables of its own, as it does when it is started before it takes the place. */
const startedBefore = (survivor: ManagerState, newcomer: ManagerState, evidence: string[]): Diagnosis =>
  unclear(
    `${nodeOf(newcomer)} names ${nodeOf(survivor)} as its partner and has Mnesia files, but the partner of ${nodeOf(survivor)} is ${partnerOf(survivor) ?? "not set"}.`,
    [
      ...evidence,
      `${nodeOf(newcomer)}: ${newcomer.mnesia.files.length} files in ${newcomer.mnesia.path}, none of them of this cluster`,
    ],
    [
      `if it is to take the place of ${partnerOf(survivor)}: it was started too early. Stop it, install it into a home of its own, do not start it, and diagnose again`,
      "else name the hosts of two managers that are each other's partner",
    ],
  );

/** Its files are open, and why it says nothing may pass: it is stopped, or its epmd is. */
const isSilent = ({ manager, evidence }: ManagerState): boolean =>
  manager.facts.beams.length > 0 && evidence === undefined;

const silent = (pair: readonly ManagerState[], evidence: string[]): Diagnosis =>
  unclear(
    "A manager runs and cannot be asked, so its data cannot be judged.",
    evidence,
    pair
      .filter(isSilent)
      .flatMap((view) => [
        `${nodeOf(view)}: ${silenceMended(view, "Then diagnose again.")}`,
        `else stop it, and diagnose again: ${typed("stop", view)}`,
      ]),
  );

function noneServes(pair: readonly [ManagerState, ManagerState], evidence: string[]): Diagnosis {
  const [one, other] = pair;
  const choice = chooseDonor(pair);
  const wrong = pair.map(broken);
  if (wrong[0] !== undefined && wrong[1] !== undefined)
    return {
      kind: "bothDown",
      verdict: "Both managers are down, and the files of both are damaged.",
      evidence: [choice.why, ...evidence],
      next: [
        "restore the Mnesia directory of one manager from a backup (leofs-recovery verify-backup DIRECTORY says whether one is whole), then diagnose again",
      ],
    };
  if (wrong[0] !== undefined || wrong[1] !== undefined) {
    const good = wrong[0] === undefined ? 0 : 1;
    return inPlace(pair[1 - good]!, pair[good], [choice.why, ...evidence]);
  }
  return {
    kind: "bothDown",
    verdict: "Both managers are down; the files of both are whole.",
    evidence: [choice.why, ...evidence],
    next: [
      "start both within three minutes: the one that stopped first waits for the other at most that long",
      ...[one, other]
        .sort((a) => (a.manager.settings.role === "master" ? -1 : 1))
        .map((view) => typed("start", view)),
    ],
  };
}
