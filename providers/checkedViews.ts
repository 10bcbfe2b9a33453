import type { ManagerView } from "../leofs/checks/view";
import { serviceLoginProblem } from "../remote";
import type { Common, ManagerTarget } from "./arguments";
import { serviceConnection } from "./serviceConnection";
import { glance, glanceAt, type Seen, viewOf } from "./session";

/** Once its incident is over, nothing of a manager is stopped any more: nobody needs to log in for that. */
const isOver = ({ journal }: ManagerView): boolean => journal.done.has("proven");

const loginOf = async (target: ManagerTarget): Promise<string | undefined> =>
  serviceLoginProblem(await serviceConnection(target));

/** A manager as the check of an `up` sees it: also whether the service steps could log in on its host. */
export async function checkedView(target: ManagerTarget, common: Common): Promise<ManagerView> {
  const view = await viewOf(target, common);
  return isOver(view) ? view : { ...view, serviceLogin: await loginOf(target) };
}

/** The same for a plan: limited, and shared, as every look for a plan is. */
export async function checkedGlance(target: ManagerTarget, common: Common): Promise<Seen<ManagerView>> {
  const look = await glance(target, common);
  if ("problem" in look || isOver(look.seen)) return look;
  const login = await glanceAt(target, ["service login"], () => loginOf(target));
  return "problem" in login ? login : { seen: { ...look.seen, serviceLogin: login.seen } };
}
