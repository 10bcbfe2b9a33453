import type { ManagerView } from "../../leofs/checks/view";
import { entries } from "../../leofs/incident/entries";
import type { Common, ManagerTarget } from "../targets/arguments";
import type { Seen } from "./looks";
import type { Session } from "./session";

/** Once its incident is over, nothing of a manager is stopped any more: nobody needs to log in for that. */
const isOver = ({ journal }: ManagerView): boolean => entries.proven.isDone(journal);

/** A manager as the check of an `up` sees it: also whether the service steps could log in on its host. */
export async function checkedView(
  session: Session,
  target: ManagerTarget,
  common: Common,
): Promise<ManagerView> {
  const view = await session.viewOf(target, common);
  return isOver(view)
    ? view
    : { ...view, serviceLogin: await session.surroundings.serviceLoginProblem(target) };
}

/** The same for a plan: limited, and shared, as every look for a plan is. */
export async function checkedGlance(
  session: Session,
  target: ManagerTarget,
  common: Common,
): Promise<Seen<ManagerView>> {
  const look = await session.glance(target, common);
  if ("problem" in look || isOver(look.seen)) return look;
  const tryLogin = () => session.surroundings.serviceLoginProblem(target);
  const login = await session.glanceAt(target, ["service login"], tryLogin, common.cluster);
  return "problem" in login ? login : { seen: { ...look.seen, serviceLogin: login.seen } };
}

/** The same as a plan of this run saw it seconds ago, where it did. */
export async function sharedView(
  session: Session,
  target: ManagerTarget,
  common: Common,
): Promise<ManagerView> {
  const look = await checkedGlance(session, target, common);
  return "seen" in look ? look.seen : checkedView(session, target, common);
}
