import { askIfThere } from "../../leofs/manager/ready";
import { strangersIn } from "../../leofs/pair/strangers";
import { Unreached } from "../contract/handler";
import type { Progress } from "../contract/progress";
import { observeConfs } from "../nodes/nodeLooks";
import { otherPairGlance } from "../session/pairSince";
import type { Session } from "../session/session";
import {
  type ManagerRegistrationInputs,
  type ManagerRegistrationOutputs,
  pairNames,
} from "./managerRegistrationTypes";
import { followersOf, notSo, provenBefore, type SeenPair, strayFollowers } from "./sinceProven";

/** What is there now of what was proven; what is not so any more is warned of. */
export async function observeRegistration(
  session: Session,
  state: ManagerRegistrationInputs & ManagerRegistrationOutputs,
  progress: Progress,
): Promise<Partial<ManagerRegistrationOutputs>> {
  const lost = await Promise.all(state.managers.map((target) => session.outOfReach(target)));
  if (lost.every((problem) => problem !== undefined))
    throw new Unreached(`${pairNames(state).join(" and ")} cannot be looked at now: ${lost.join("; ")}`);
  for (const [index, problem] of lost.entries())
    if (problem !== undefined)
      await progress.warn(provenBefore(state.managers[index]!.node, state.provenAt, problem));
  const reached = state.managers.filter((_, index) => lost[index] === undefined);
  const managers = await Promise.all(reached.map((target) => session.managerOf(target, state)));
  const alive = await Promise.all(managers.map((manager) => manager.runs()));
  const down = reached.filter((_, index) => !alive[index]).map((target) => target.node);
  const asked = await Promise.all(
    managers.map((manager, index) => (alive[index] ? askIfThere(manager) : undefined)),
  );
  const strangers = strangersIn(asked, pairNames(state));
  const nodes = asked.find((evidence) => evidence && evidence.nodes.length > 0)?.nodes;
  const seen: SeenPair = { down, strangers, ...(nodes && { followers: followersOf(nodes) }) };
  const looks = await Promise.all(reached.map((target) => session.glance(target, state)));
  const views = looks.flatMap((look) => ("seen" in look ? [look.seen] : []));
  const others = await otherPairGlance(session, state, views);
  const lines =
    others.length > 0
      ? others.map((line) => `NOT SO ANY MORE: ${line}`)
      : notSo(pairNames(state), seen, state.provenAt);
  for (const line of lines) await progress.warn(line);
  return {
    ...seen,
    strangers,
    ...(state.nodes && nodes && (await observeConfs(session, state, nodes, progress))),
  };
}

/**
 * Debt is paid by the next `up`; so is a node that follows others, a manager that is down is started, and one beyond the
 * pair is taken out. So is a conf that names others, and every conf once `nodes` is in the settings.
 */
export function isAdrift(
  state: ManagerRegistrationInputs & ManagerRegistrationOutputs,
  wanted: ManagerRegistrationInputs,
): boolean {
  const { managers, followers, down = [], strangers = [], debt = [], strayConfs: confs = {} } = state;
  const strays = strayFollowers(pairNames({ managers }), followers);
  return (
    [strays, down, strangers, debt, Object.keys(confs)].some((found) => found.length > 0) ||
    nodesAreNew(wanted, state)
  );
}

/** Whether the settings say only now how the nodes' hosts are reached. */
export const nodesAreNew = (wanted: ManagerRegistrationInputs, before: ManagerRegistrationInputs): boolean =>
  wanted.nodes !== undefined && before.nodes === undefined;
