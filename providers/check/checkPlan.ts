import { backupKiB } from "../../leofs/checks/backupRoom";
import { lostOf, nameOf } from "../../leofs/checks/recoveryCase";
import { judge } from "../../leofs/checks/situation";
import { dataFiles, type ManagerView } from "../../leofs/checks/view";
import { totalBytes } from "../../leofs/incident/backups/tree";
import { entries } from "../../leofs/incident/entries";
import { type Choice, isBegun } from "../../leofs/incident/incident";
import { rowsCounted } from "../../leofs/manager/evidence";
import { hazard, notReached, type PlanLine, sizeText, urgent, WOULD_STOP } from "../../leofs/planLine";
import { copyFindings } from "../backup/secondCopies";
import { fenceOrMoveLook } from "../fence/moving";
import { checkedGlance } from "../session/checkedViews";
import { halfWay } from "../session/halfWay";
import type { Seen } from "../session/looks";
import { pairLockedByOthers } from "../session/pairLock";
import { otherPairGlance } from "../session/pairSince";
import type { Session } from "../session/session";
import type { RecoveryCheckInputs } from "./recoveryCheckTypes";

/**
 * The plan of a check: who is alive, which case this is and which side is good, and what speaks against it.
 *
 * @param before the check of the same incident as the state has it
 */
export async function checkPlan(
  session: Session,
  inputs: RecoveryCheckInputs,
  before: RecoveryCheckInputs | undefined,
): Promise<{ plan: PlanLine[]; computed: Partial<RecoveryCheckInputs> }> {
  const { managers } = inputs;
  const kept = before?.choice?.guess ? undefined : before?.choice;
  const seen = await Promise.all(managers.map((target) => checkedGlance(session, target, inputs)));
  const views = seen.flatMap((view) => ("problem" in view ? [] : [view.seen]));
  const half = [await halfWay(session, managers, inputs)].flatMap((line) => line ?? []).map(urgent);
  // A step goes by the journal of its own host: while one of them says nothing of it, the check must be of this run. It
  // waits for a host that was too slow for this look.
  const again = views.some(({ journal }) => !isBegun([journal]));
  // An incident that is over needs nothing of a host that died since.
  if (kept && views.some(({ journal }) => entries.proven.isDone(journal)))
    return { plan: [], computed: { choice: kept, again: false } };
  const [one, other] = views;
  const { plan, choice } =
    one && other ? await judgedPlan(session, inputs, [one, other], kept) : guessedPlan(inputs, seen, kept);
  return { plan: [...half, ...plan], computed: { choice, again } };
}

type ChosenPlan = { plan: PlanLine[]; choice: Choice };

/** Where not every host could be reached: who is alive of those that were. */
function guessedPlan(
  inputs: RecoveryCheckInputs,
  seen: readonly Seen<ManagerView>[],
  kept: Choice | undefined,
): ChosenPlan {
  const { recovery, managers } = inputs;
  const plan = seen.map((view, index) =>
    "problem" in view
      ? notReached(`${managers[index as 0 | 1].node}: ${view.problem}`)
      : aliveLine(view.seen),
  );
  const good = recovery.kind === "inPlace" && recovery.donor !== "auto" ? recovery.donor : 0;
  const guess = {
    good,
    master: 0,
    why: "not every host could be reached, so this is a guess",
    guess: true,
  } as const;
  return { plan: [...plan, WOULD_STOP], choice: kept ?? guess };
}

/** Where both hosts were looked at. Empty when the recovery is proven. */
async function judgedPlan(
  session: Session,
  inputs: RecoveryCheckInputs,
  pair: readonly [ManagerView, ManagerView],
  kept: Choice | undefined,
): Promise<ChosenPlan> {
  const { recovery, managers, accept } = inputs;
  const [one, other] = pair;
  const locked = await pairLockedByOthers(session, [one.manager, other.manager], managers, inputs);
  const { choice, findings } = await judge(recovery, pair, accept, kept);
  findings.push(...(await copyFindings(session, inputs, backupKiB(one) + backupKiB(other), "plan")));
  // Until something was done by an earlier choice, what is seen now counts.
  const settled = isBegun(pair.map(({ journal }) => journal)) ? (kept ?? choice) : choice;
  if (entries.proven.isDone(pair[settled.good].journal))
    return { plan: (await otherPairGlance(session, inputs, pair)).map(refused), choice: settled };
  const fence = await fenceOrMoveLook(session, inputs, one, "plan");
  findings.push(...fence.findings);
  const words = { refuse: refused, hazard };
  const lost = lostOf(recovery);
  const plan = [
    `${nameOf(recovery)}${lost ? ` of ${lost}` : ""}, incident ${inputs.incident}: ${settled.why}`,
    ...pair.map(aliveLine),
    // While another recovery works on the pair nothing else that it shows would be read right.
    ...(locked ? [refused(locked.message)] : []),
    ...(locked ? [] : findings).map(({ name, level, text }) =>
      level === "fact" ? `${name === "nodes" ? "  " : ""}found: ${text}` : words[level](text),
    ),
    ...fence.plan,
  ];
  return { plan, choice: settled };
}

const refused = (why: string): PlanLine => urgent(`WOULD BE REFUSED: ${why}`);

function aliveLine(view: ManagerView): string {
  const { spec, facts, settings, host } = view.manager;
  const what = `${spec.node} (${settings.role}, ${host.label})`;
  if (facts.beams.length === 0)
    return `${what} is down; ${dataFiles(view).length} Mnesia files, ${sizeText(totalBytes(dataFiles(view)))}`;
  if (!view.evidence) return `${what} runs (process ${facts.beams.join(", ")}) but does not answer`;
  const serving =
    view.evidence.mnesia === "yes"
      ? `${view.evidence.tables.size} tables, ${rowsCounted(view.evidence)} rows`
      : "without Mnesia";
  return `${what} runs (process ${facts.beams.join(", ")}), ${serving}`;
}
