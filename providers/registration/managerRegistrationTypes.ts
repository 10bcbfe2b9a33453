import type { Offline } from "../../leofs/pair/outage";
import type { Common, FenceTarget, ManagerTarget, NodesTarget, OnFailure } from "../targets/arguments";

/** Inputs of `ManagerRegistration` as its provider gets them. */
export interface ManagerRegistrationInputs extends Common {
  /** The two managers of the pair; roles are read from their conf. `managers[0]` is the one that had the data. */
  managers: [ManagerTarget, ManagerTarget];
  /** Directory of the dump taken before the outage, on the host of `managers[0]`; empty when there is none. */
  baseline: string;
  /** Directory of a dump, on the same host, whose rows the pair must hold; empty: the two are compared. */
  expected: string;
  /** Whether nodes keep their managers' names (in place), so that no conf of a node must be edited. */
  sameNames: boolean;
  /** Which procedure stops both managers before this. Default: none does. */
  offline?: Offline | undefined;
  /** What happens when the proof fails. Default `stop`. */
  onFailure?: OnFailure;
  /** The lost manager, whose fence is lifted once the pair is proven. Default: it was not fenced. */
  fence?: FenceTarget | undefined;
  /** How the hosts of storage and gateway nodes are reached, whose confs name the pair then. Default: nobody logs in there. */
  nodes?: NodesTarget | undefined;
}

/** Outputs of `ManagerRegistration`. */
export interface ManagerRegistrationOutputs {
  /** `recovered`, or `recovered with debt`: the pair is proven; debt is what could not be reached. */
  verdict: string;
  /** Who each storage and gateway node follows, as it said itself; `no answer` where it did not. */
  followers: Record<string, string>;
  /** When the pair was proven last (ISO 8601, by the clock of this machine). */
  provenAt: string;
  /** Managers of the pair that are down, as last observed. */
  down: string[];
  /** Managers beyond the pair that its tables are on too, as last observed: one that came back. */
  strangers: string[];
  /** Nodes whose conf names other managers, as last observed, with what it says; only with `nodes`. */
  strayConfs?: Record<string, string>;
  debt: string[];
  nextSteps: string[];
  /** Ring hash of the cluster, 8 hex digits; empty without a ring. */
  ring: string;
  /** Seconds from the stop of the manager with the data to the proof, by its host's clock; 0: nothing was stopped. */
  outageSeconds: number;
  evidence: string[];
}

/** The pair by its node names. */
export const pairNames = ({ managers }: Pick<ManagerRegistrationInputs, "managers">): string[] =>
  managers.map(({ node }) => node);
