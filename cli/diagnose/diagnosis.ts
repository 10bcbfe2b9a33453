import { nodeOf } from "../../leofs/checks/donor";
import type { ManagerState } from "../../leofs/checks/view";
import type { Reach } from "../../leofs/manager/ask";

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

/** A host that could not be looked at. */
export interface Unseen {
  host: string;
  reason: string;
  /** It is up all the same: it refused the login, or what is there may not be looked into. */
  up?: boolean;
}

/** A recovery that was begun and is neither proven nor rolled back. */
export interface HalfWay {
  /** Where its backups and its journal are. */
  directory: string;
  /** What it has changed, by the journals of the hosts that were looked at. */
  changes: readonly string[];
}

/** Everything the diagnosis goes by. */
export interface Found {
  /** Managers that were found, in the order of the hosts named. */
  views: readonly ManagerState[];
  /** Hosts that could not be looked at, each with the reason. */
  unreachable: readonly Unseen[];
  /** Hosts on which no manager was found. */
  empty?: readonly string[];
  /** Recoveries that the hosts remember, begun and not over. */
  halfWay?: readonly HalfWay[];
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

/** Nothing that this program can decide: a person must do something first. */
export const unclear = (verdict: string, evidence: string[], next: string[]): Diagnosis => ({
  kind: "unclear",
  verdict,
  evidence,
  next,
});

/** The files of one manager are to take the place of the other's. */
export const inPlace = (damaged: ManagerState, donor: ManagerState, evidence: string[]): Diagnosis => ({
  kind: "inPlace",
  verdict: `${nodeOf(damaged)} is to be recovered in place from ${nodeOf(donor)}.`,
  evidence,
  next: [],
  inPlace: { damaged, donor },
});
