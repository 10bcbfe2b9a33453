import { askIfThere } from "../../manager/ready";
import { currentPartner } from "../partner";
import { setPartners } from "../partnerInMemory";
import { replicaStep, takeOut } from "../replica";
import { again, type Side, type Sides } from "./rollbackState";

/** Takes a replica that was made, or begun, out of the serving manager's tables again. The replica's manager is down. */
export async function takeReplicaOut(
  { good, other }: Sides,
  report: (line: string) => void,
): Promise<string[]> {
  const { node } = other.site.manager;
  const step = replicaStep(node);
  if (other.returned || !(good.journal.begun.has(step) || good.journal.done.has(step))) return [];
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
