import { broken, chooseDonor, serves } from "../../leofs/checks/donor";
import type { ManagerState } from "../../leofs/checks/view";
import type { Reach } from "../../leofs/manager/ask";
import { rowsCounted } from "../../leofs/manager/evidence";
import { messageOf } from "../../remote/errors";
import { serviceCommand } from "../shared/service";

/** What is wrong with a pair of managers, and so what to do. */
export type Kind = "healthy" | "start" | "inPlace" | "takeover" | "bothDown" | "splitBrain" | "unclear";

/** Exit code of `diagnose` by what it found. 1 is an error of its own, 2 a command line that cannot be used. */
export const EXIT_CODES: Record<Kind, number> = {
  healthy: 0,
  start: 10,
  inPlace: 11,
  takeover: 12,
  bothDown: 13,
  splitBrain: 14,
  unclear: 15,
};

/** Everything the diagnosis goes by. */
export interface Found {
  /** Managers that were found, in the order of the hosts named. */
  views: readonly ManagerState[];
  /** Hosts that could not be looked at, each with the reason. */
  unreachable: readonly { host: string; reason: string }[];
  /** Whether a node answers over Erlang distribution, asked from the host of one of the managers found; throws when it cannot be asked. */
  ask: (from: ManagerState, node: string) => Promise<Reach>;
}

/** What is wrong, why that is believed, and what to do next. */
export interface Diagnosis {
  kind: Kind;
  /** One sentence. */
  verdict: string;
  evidence: string[];
  /** Commands are in backquotes. */
  next: string[];
  /** In place: the manager whose files are to be replaced, and the one that gives them (`auto`: not told yet). */
  inPlace?: { damaged: ManagerState; donor: ManagerState };
  /** Takeover: who is gone, who has the data, and who takes the place, as far as one was found. */
  takeover?: { lost: string; survivor: ManagerState; replacement: ManagerState | undefined };
}

const nodeOf = (view: ManagerState): string => view.manager.spec.node;
const partnerOf = (view: ManagerState): string | undefined =>
  view.evidence?.partners[0] ?? view.manager.settings.generated.partners[0] ?? view.manager.settings.partner;
/** What to type where; a command is in backquotes, so that no screen breaks it. */
const typed = (verb: "start" | "stop", { manager }: ManagerState): string =>
  `on ${manager.host.label}: \`${serviceCommand(verb, manager)}\``;

/** Never started: LeoFS generates app.config at every start, and makes the Mnesia directory at the first. */
const isFresh = (view: ManagerState): boolean =>
  view.manager.facts.beams.length === 0 &&
  view.manager.facts.conf.appConfig === undefined &&
  view.mnesia.files.length === 0;

/** Judges what was found. Asks nodes only where the managers found cannot tell. */
export async function diagnose(found: Found): Promise<Diagnosis> {
  const { views } = found;
  if (views.length === 0) return nothingFound(found);
  const used = views.filter((view) => !isFresh(view));
  const fresh = views.filter(isFresh);
  if (used.length > 2 || fresh.length > 1) return tooMany(views);
  if (used.length === 0) return neverStarted(fresh);
  const [one, other] = used;
  if (one && other) return judgePair([one, other]);
  return judgeAlone(one!, fresh[0], found);
}

function nothingFound({ unreachable }: Found): Diagnosis {
  const none = unreachable.length === 0;
  return {
    kind: "unclear",
    verdict: none ? "No LeoFS manager was found on these hosts." : "No host could be looked at.",
    evidence: unreachable.map(({ host, reason }) => `${host}: ${reason}`),
    next: none
      ? ["name the hosts of the managers; where LeoFS lies in an unusual place, give it with --home PATH"]
      : ["mend the way to the hosts, then diagnose again"],
  };
}

const tooMany = (views: readonly ManagerState[]): Diagnosis => ({
  kind: "unclear",
  verdict: `${views.length} managers were found; a cluster has two, and at most one more to take a place.`,
  evidence: views.map((view) => `${nodeOf(view)}: ${view.manager.spec.home} on ${view.manager.host.label}`),
  next: ["name the two managers of one cluster: diagnose HOST HOST --home PATH --home PATH"],
});

const neverStarted = (fresh: readonly ManagerState[]): Diagnosis => ({
  kind: "unclear",
  verdict: `${fresh.map(nodeOf).join(" and ")} was never started: there is no data here to recover.`,
  evidence: fresh.map(
    (view) => `${nodeOf(view)}: ${view.manager.spec.home} holds no generated conf and no Mnesia files`,
  ),
  next: ["name the hosts of the cluster's own managers"],
});

function judgePair(pair: readonly [ManagerState, ManagerState]): Diagnosis {
  const [one, other] = pair;
  const evidence = pair.map(stateOf);
  const strangers = pair.filter((view, at) => partnerOf(view) !== nodeOf(pair[1 - at]!));
  if (strangers.length > 0)
    return {
      kind: "unclear",
      verdict: `${nodeOf(one)} and ${nodeOf(other)} are not the two managers of one cluster.`,
      evidence: [
        ...evidence,
        ...strangers.map((view) => `the partner of ${nodeOf(view)} is ${partnerOf(view) ?? "not set"}`),
      ],
      next: ["name the hosts of two managers that are each other's partner"],
    };
  const { role } = one.manager.settings;
  if (other.manager.settings.role === role)
    return {
      kind: "unclear",
      verdict: `${nodeOf(one)} and ${nodeOf(other)} are both configured as ${role}: a pair has one of each.`,
      evidence,
      next: ["set manager.mode in the conf of the one that is not, then diagnose again"],
    };
  if (serves(one) && serves(other)) return bothServe(pair, evidence);
  if (serves(one) || serves(other)) return oneServes(serves(one) ? pair : [other, one], evidence);
  if (pair.some((view) => view.manager.facts.beams.length > 0 && view.evidence === undefined))
    return silent(pair, evidence);
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

const inPlace = (damaged: ManagerState, donor: ManagerState, evidence: string[]): Diagnosis => ({
  kind: "inPlace",
  verdict: `${nodeOf(damaged)} is to be recovered in place from ${nodeOf(donor)}.`,
  evidence,
  next: [],
  inPlace: { damaged, donor },
});

const silent = (pair: readonly ManagerState[], evidence: string[]): Diagnosis => ({
  kind: "unclear",
  verdict: "A manager runs and cannot be asked, so its data cannot be judged.",
  evidence,
  next: pair
    .filter((view) => view.manager.facts.beams.length > 0 && view.evidence === undefined)
    .flatMap((view) => [
      `see why in ${view.manager.spec.home}/log/app/error of ${nodeOf(view)}; or stop it, and diagnose again`,
      `to stop it, ${typed("stop", view)}`,
    ]),
});

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

async function judgeAlone(
  survivor: ManagerState,
  replacement: ManagerState | undefined,
  { unreachable, ask }: Found,
): Promise<Diagnosis> {
  const lost = partnerOf(survivor);
  const evidence = [
    ...[survivor, ...(replacement ? [replacement] : [])].map(stateOf),
    ...unreachable.map(({ host, reason }) => `${host} cannot be looked at: ${reason}`),
  ];
  if (lost === undefined)
    return {
      kind: "unclear",
      verdict: `${nodeOf(survivor)} has no partner in its conf.`,
      evidence,
      next: [`set manager.partner in ${survivor.manager.facts.conf.path} on ${survivor.manager.host.label}`],
    };
  // The lost manager's own name on an installation that was never started: its files are gone, its place is not.
  if (replacement && nodeOf(replacement) === lost && serves(survivor))
    return inPlace(replacement, survivor, evidence);
  const reach = await ask(survivor, lost).catch(messageOf);
  if (typeof reach === "string")
    return {
      kind: "unclear",
      verdict: `Whether the partner ${lost} answers could not be asked.`,
      evidence: [...evidence, reach],
      next: [`diagnose again; name the host of ${lost} too, if it is up`],
    };
  if (reach.answers)
    return {
      kind: "unclear",
      verdict: `The partner ${lost} answers, and its host was not looked at.`,
      evidence: [...evidence, `${lost}: ${reach.evidence}`],
      next: [
        unreachable.length > 0
          ? "mend the way to its host, then diagnose again"
          : `name its host too: diagnose ${survivor.manager.host.label} HOST-OF-${lost.split("@")[1]}`,
      ],
    };
  const gone = [...evidence, `${lost} does not answer (${reach.evidence})`];
  if (!serves(survivor))
    return {
      kind: "bothDown",
      verdict: `${lost} does not answer, and ${nodeOf(survivor)} does not serve.`,
      evidence: [...gone, ...(broken(survivor) ? [`${nodeOf(survivor)}: ${broken(survivor)}`] : [])],
      next:
        survivor.manager.facts.beams.length === 0 && broken(survivor) === undefined
          ? [
              typed("start", survivor),
              "then diagnose again; if it waits for its partner, it does not have the newest data",
            ]
          : [`bring the host of ${lost} back and name it too: its files may be the good ones`],
    };
  return {
    kind: "takeover",
    verdict: `${lost} is gone, and ${nodeOf(survivor)} serves: a new manager takes its place.`,
    evidence: gone,
    next: replacement
      ? []
      : [
          `if the host of ${lost} comes back with its files, nothing needs to be recovered: start it there`,
          `else install the same LeoFS on a new host in the role of ${lost}, do not start it, and name that host too`,
        ],
    takeover: { lost, survivor, replacement },
  };
}

/** A manager in one line: who, where, and what it does. */
export function stateOf(view: ManagerState): string {
  const { manager, evidence } = view;
  const where = `${nodeOf(view)} (${manager.settings.role}, ${manager.host.label})`;
  if (isFresh(view)) return `${where} was never started`;
  if (serves(view)) {
    return `${where} serves: process ${evidence!.pid}, ${evidence!.tables.size} tables, ${rowsCounted(evidence!)} rows`;
  }
  const wrong = broken(view);
  if (manager.facts.beams.length > 0) return `${where} runs and does not serve: ${wrong ?? "it waits"}`;
  return `${where} is down; its Mnesia files ${wrong === undefined ? "are whole" : `are damaged: ${wrong}`}`;
}
