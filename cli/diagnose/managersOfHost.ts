import type { ManagerState } from "../../leofs/checks/view";
import { isFresh } from "./states";

/**
 * Of the managers found in the homes of one host those that are its own. LeoFS's packages bring the homes of a master and of a slave to every
 * host: one that was never started and still has the name it came with is nobody's. An upgrade leaves the home of the
 * older version behind, with the name and the files of that time: of several homes of one node the one counts that it
 * runs from, else the one that `current` leads to, else the one that was used. Where that tells nothing all are kept.
 */
export function managersOfHost<View extends ManagerState>(views: readonly View[]): View[] {
  const nodes = [...new Set(views.map((view) => view.manager.spec.node))];
  const own = nodes.flatMap((node) => inUse(views.filter((view) => view.manager.spec.node === node)));
  const meant = own.filter((view) => !isFresh(view) || !view.manager.spec.node.endsWith("@127.0.0.1"));
  return meant.length > 0 ? meant : own;
}

function inUse<View extends ManagerState>(homes: readonly View[]): readonly View[] {
  const ways: ((view: View) => boolean)[] = [
    ({ manager: { facts } }) => facts.beams.length > 0 && facts.runsFrom === undefined,
    ({ manager: { spec } }) => spec.home.includes("/current/"),
    (view) => !isFresh(view),
  ];
  for (const way of ways) {
    const those = homes.filter(way);
    if (those.length === 1) return those;
  }
  return homes;
}
