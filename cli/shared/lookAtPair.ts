import type { ManagerView } from "../../leofs/checks/view";
import { type Seen, tried, viewOf } from "../../providers/session";
import { type ClusterSettings, managersOf } from "../../recovery/settings/cluster";

/** Both managers of a cluster as they are now, in the order of its settings; one that cannot be looked at says why. */
export function lookAtPair(settings: ClusterSettings): Promise<Seen<ManagerView>[]> {
  const { name: cluster, incident } = settings;
  return Promise.all(
    managersOf(settings).map((target) => tried(() => viewOf(target, { cluster, incident }))),
  );
}
