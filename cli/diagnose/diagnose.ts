import { nodeOf } from "../../leofs/checks/donor";
import type { ManagerState } from "../../leofs/checks/view";
import { type Diagnosis, type Found, type HalfWay, unclear } from "./diagnosis";
import { judgeAlone } from "./judgeAlone";
import { judgePair } from "./judgePair";
import { isFresh, stateOf } from "./states";

/** Judges what was found. Asks nodes only where the managers found cannot tell. */
export async function diagnose(found: Found): Promise<Diagnosis> {
  const { views, halfWay = [] } = found;
  if (views.length === 0) return nothingFound(found);
  if (halfWay.length > 0) return underWay(views, halfWay);
  const away = views.filter(({ mnesia }) => mnesia.unmounted !== undefined);
  if (away.length > 0) return notMounted(away, views);
  const used = views.filter((view) => !isFresh(view));
  const fresh = views.filter(isFresh);
  if (used.length > 2 || fresh.length > 1) return tooMany(views);
  if (used.length === 0) return neverStarted(fresh);
  const [one, other] = used;
  if (one && other) return judgePair([one, other], found);
  return judgeAlone(one!, fresh[0], found);
}

function nothingFound({ unreachable }: Found): Diagnosis {
  const none = unreachable.length === 0;
  return unclear(
    none ? "No LeoFS manager was found on these hosts." : "No host could be looked at.",
    unreachable.map(({ host, reason }) => `${host}: ${reason}`),
    none
      ? ["name the hosts of the managers; where LeoFS lies in an unusual place, give it with --home PATH"]
      : ["mend the way to the hosts, then diagnose again"],
  );
}

const tooMany = (views: readonly ManagerState[]): Diagnosis =>
  unclear(
    `${views.length} managers were found; a cluster has two, and at most one more to take a place.`,
    views.map((view) => `${nodeOf(view)}: ${view.manager.spec.home} on ${view.manager.host.label}`),
    ["name the two managers of one cluster: diagnose HOST HOST --home PATH --home PATH"],
  );

/** A pair in the middle of a recovery looks like another case, and whatever is done by hand then can be in its way. */
const underWay = (views: readonly ManagerState[], recoveries: readonly HalfWay[]): Diagnosis =>
  unclear(
    `A recovery is half-way: what is seen now is its doing, and says nothing else. It is kept in ${recoveries.map(({ directory }) => directory).join(" and ")}.`,
    [
      ...recoveries.map(({ directory, changes }) => `${directory}/journal: ${changes.join(", ")}`),
      ...views.map(stateOf),
    ],
    [
      "`pulumi up` with the settings of that incident goes on with it; the same with rollback: true goes back",
      "start, stop and move nothing by hand before that",
    ],
  );

/** Files that are on a disc which is not mounted are neither gone nor damaged. */
const notMounted = (away: readonly ManagerState[], views: readonly ManagerState[]): Diagnosis =>
  unclear(
    `The disc with the Mnesia directory of ${away.map(nodeOf).join(" and ")} is not mounted.`,
    [
      ...views.map(stateOf),
      ...away.map(
        ({ manager, mnesia }) =>
          `${manager.host.label}: /etc/fstab has a disc on ${mnesia.unmounted}, which is not mounted, and ${mnesia.path} is empty or not there`,
      ),
    ],
    [
      ...away.map(
        ({ manager, mnesia }) =>
          `on ${manager.host.label}: \`mount ${mnesia.unmounted}\`, then diagnose again`,
      ),
      "if that disc is lost, mount another one there, or take its line out of /etc/fstab, then diagnose again",
    ],
  );

const neverStarted = (fresh: readonly ManagerState[]): Diagnosis =>
  unclear(
    `${fresh.map(nodeOf).join(" and ")} was never started: there is no data here to recover.`,
    fresh.map(
      (view) => `${nodeOf(view)}: ${view.manager.spec.home} holds no generated conf and no Mnesia files`,
    ),
    ["name the hosts of the cluster's own managers"],
  );
