import type { ManagerView } from "../../leofs/checks/view";
import { type Seen, tried } from "../../providers/session/looks";
import { Session } from "../../providers/session/session";
import { type ClusterSettings, managersOf } from "../../recovery/settings/cluster";

/** Both managers of a cluster as they are now, in the order of its settings; one that cannot be looked at says why. */
export function lookAtPair(settings: ClusterSettings): Promise<Seen<ManagerView>[]> {
  const { name: cluster, incident } = settings;
  const session = new Session();
  return Promise.all(
    managersOf(settings).map((target) => tried(() => session.viewOf(target, { cluster, incident }))),
  );
}
