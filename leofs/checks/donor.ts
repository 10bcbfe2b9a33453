import { healthProblems } from "../manager/mnesiaHealth";
import { lackingToServe, mnesiaGone } from "../manager/ready";
import { lastStopped } from "../mnesia/mnesiaMarks";
import { TABLES } from "../mnesia/tables";
import type { ManagerState } from "./view";

/** Which side has the good files, and why. `good` undefined: it cannot be told. */
export interface DonorChoice {
  good: 0 | 1 | undefined;
  why: string;
}

export const nodeOf = (view: ManagerState): string => view.manager.spec.node;

/** Whether a manager runs and holds every table: then nobody has newer data than it. */
export const serves = (view: ManagerState): boolean =>
  view.evidence !== undefined && servesNothing(view) === undefined;

/** A table on no disc is there all the same: nobody has newer rows of it. What keeps it from being recovered from is a check of its own. */
function servesNothing({ evidence, manager }: ManagerState): string | undefined {
  const { node } = manager.spec;
  const elsewhere = TABLES.find((name) => {
    const { disc = [], memoryOnly = [] } = evidence?.tables.get(name) ?? {};
    return ![...disc, ...memoryOnly].includes(node);
  });
  return lackingToServe(evidence) ?? (elsewhere && `has no copy of ${elsewhere}`);
}

/** Why a manager's data cannot be relied on; undefined when it serves, or its files were seen to be whole. */
export function broken(view: ManagerState): string | undefined {
  if (serves(view)) return undefined;
  if (!view.health) return unseen(view);
  const problems = healthProblems(view.health);
  const more = problems.length > 3 ? `; and ${problems.length - 3} more` : "";
  return problems.length > 0 ? `${problems.slice(0, 3).join("; ")}${more}` : undefined;
}

/** Why nobody could look into its files: such files must not pass for intact. */
function unseen(view: ManagerState): string | undefined {
  if (view.evidence) return mnesiaGone(view.evidence, view.manager.spec) ?? servesNothing(view);
  const { beams } = view.manager.facts;
  if (beams.length > 0)
    return `it runs (process ${beams.join(", ")}) but does not answer${view.silence ? ` (${view.silence.reason})` : ""}, so its files cannot be judged; stop it first`;
  return view.mnesia.exists ? `${view.mnesia.path} cannot be read` : `${view.mnesia.path} is not there`;
}

/**
 * Chooses the donor: the manager that serves while the other does not; else the one whose files are intact; else
 * the one that noted the other going down, which stopped last.
 */
export function chooseDonor(views: readonly [ManagerState, ManagerState]): DonorChoice {
  const [one, other] = views;
  if (serves(one) !== serves(other)) {
    const good = serves(one) ? 0 : 1;
    const rest = broken(views[1 - good]!) ?? "does not";
    return {
      good,
      why: `${nodeOf(views[good])} serves every table and ${nodeOf(views[1 - good]!)} does not (${rest})`,
    };
  }
  const [wrong, otherWrong] = [broken(one), broken(other)];
  if (wrong !== undefined && otherWrong === undefined)
    return {
      good: 1,
      why: `the files of ${nodeOf(other)} are intact, those of ${nodeOf(one)} are not (${wrong})`,
    };
  if (otherWrong !== undefined && wrong === undefined)
    return {
      good: 0,
      why: `the files of ${nodeOf(one)} are intact, those of ${nodeOf(other)} are not (${otherWrong})`,
    };
  if (wrong !== undefined && otherWrong !== undefined)
    return {
      good: undefined,
      why: `${one.health && other.health ? "the files of both are damaged" : "neither can be relied on as it is"}: ${nodeOf(one)}: ${wrong}; ${nodeOf(other)}: ${otherWrong}.`,
    };
  if (serves(one)) return { good: undefined, why: "both managers serve every table: neither looks damaged." };
  const { node, evidence } = orderOf(views);
  const good = node === nodeOf(one) ? 0 : node === nodeOf(other) ? 1 : undefined;
  return { good, why: good === undefined ? `${evidence}.` : `${node} stopped last: ${evidence}` };
}

function orderOf([one, other]: readonly [ManagerState, ManagerState]): ReturnType<typeof lastStopped> {
  if (!one.health || !other.health) return { node: undefined, evidence: "one of the two is still running" };
  return lastStopped(
    { node: nodeOf(one), marks: one.health.marks },
    { node: nodeOf(other), marks: other.health.marks },
  );
}
