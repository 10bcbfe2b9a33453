import { entries } from "../../incident/entries";
import { askIfThere } from "../../manager/ready";
import { currentPartner } from "../partner";
import { setPartners } from "../partnerInMemory";
import { takeOut } from "../replica";
import { again, type Side, type Sides } from "./rollbackState";

/** Takes a replica that was made, or begun, out of the serving manager's tables again. The replica's manager is down. */
export async function takeReplicaOut(
  { good, other }: Sides,
  report: (line: string) => void,
): Promise<string[]> {
  const { node } = other.site.manager;
  const entry = entries.replica(node);
  if (other.returned || !(entry.isBegun(good.journal) || entry.isDone(good.journal))) return [];
  await takeOut(good.site, node, report);
  return [`${good.site.manager.node} served all the time and has no replica on ${node}`];
}

/** The serving manager's conf names its partner from before again: so does its memory. */
export async function returnPartner(good: Side): Promise<void> {
  const site = await again(good);
  const partner = currentPartner(site);
  const evidence = await askIfThere(site);
  if (partner && evidence && evidence.partners.join() !== partner) await setPartners(site, [partner]);
}
