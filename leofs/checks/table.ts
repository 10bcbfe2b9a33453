import type { CheckList } from "./check";
import { fenceChecks, fenceHostChecks } from "./fenceChecks";
import { incidentChecks } from "./incidentChecks";
import { autoDonorChecks, donorChecks } from "./inPlaceChecks";
import { managerChecks } from "./managerChecks";
import { moveChecks } from "./moveChecks";
import { freshMasterChecks, partnerChecks, replacementChecks } from "./newPairChecks";
import { methodChecks, wayChecks } from "./onlineChecks";
import { clusterChecks, pairChecks } from "./pairChecks";
import { placeChecks } from "./placeChecks";
import { distanceChecks, lostChecks, otherChecks } from "./reachChecks";
import { replacedChecks } from "./replacedChecks";
import { secondCopyChecks, secondCopyHostChecks } from "./secondCopyChecks";
import { serviceChecks } from "./serviceChecks";
import { survivorChecks } from "./survivorChecks";

/** A check without what it looks at. */
type Row = Omit<CheckList<never>["checks"][number], "test"> & { of: string };

const rows = ({ of, checks }: CheckList<never>): Row[] => checks.map((check) => ({ ...check, of }));

/** Every check there is, whatever recovery it belongs to. docs/settings.md and docs/messages.md are held equal to it. */
export const CHECKS: readonly Row[] = [
  ...rows(incidentChecks),
  ...rows(managerChecks),
  ...rows(placeChecks),
  ...rows(replacedChecks),
  ...rows(pairChecks),
  ...rows(lostChecks),
  ...rows(otherChecks),
  ...rows(survivorChecks),
  ...rows(replacementChecks),
  ...rows(freshMasterChecks),
  ...rows(partnerChecks),
  ...rows(distanceChecks),
  ...rows(autoDonorChecks),
  ...rows(donorChecks),
  ...rows(methodChecks),
  ...rows(wayChecks),
  ...rows(moveChecks),
  ...rows(serviceChecks),
  ...rows(clusterChecks),
  ...rows(fenceHostChecks),
  ...rows(fenceChecks),
  ...rows(secondCopyHostChecks),
  ...rows(secondCopyChecks),
];

/** What an operator says by accepting a refusal, by its name. All other refusals stand. */
export const ACCEPTABLE: ReadonlyMap<string, string> = new Map(
  CHECKS.flatMap(({ name, accept }) => (accept === undefined ? [] : [[name, accept]])),
);
