import { nodeOf } from "../../leofs/checks/donor";
import type { ManagerState } from "../../leofs/checks/view";
import { type Diagnosis, type Found, unclear } from "./diagnosis";
import { judgeAlone } from "./judgeAlone";
import { judgePair } from "./judgePair";
import { isFresh } from "./states";

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

const neverStarted = (fresh: readonly ManagerState[]): Diagnosis =>
  unclear(
    `${fresh.map(nodeOf).join(" and ")} was never started: there is no data here to recover.`,
    fresh.map(
      (view) => `${nodeOf(view)}: ${view.manager.spec.home} holds no generated conf and no Mnesia files`,
    ),
    ["name the hosts of the cluster's own managers"],
  );
