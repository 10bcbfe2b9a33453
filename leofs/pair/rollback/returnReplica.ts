import type { Report } from "../../../remote/wait";
import { entries } from "../../incident/entries";
import { askIfThere } from "../../manager/ready";
import { currentPartner } from "../partner";
import { setPartners } from "../partnerInMemory";
import { removeBeside } from "../replicaDirectory";
import { takeOut } from "../takeOut";
import { again, type RollbackSide, type RollbackSides } from "./rollbackState";

/** Takes a replica that was made, or begun, out of the serving manager's tables again. The replica's manager is down. */
export async function takeReplicaOut({ good, other }: RollbackSides, report: Report): Promise<string[]> {
  const { node } = other.manager.spec;
  const entry = entries.replica(node);
  if (other.returned || !(entry.isBegun(good.journal) || entry.isDone(good.journal))) return [];
  await takeOut(good.manager, node, report);
  await removeBeside(other.manager);
  return [`${good.manager.spec.node} served all the time and has no replica on ${node}`];
}

/** The serving manager's conf names its partner from before again: so does its memory. */
export async function returnPartner(good: RollbackSide): Promise<void> {
  const manager = await again(good);
  const partner = currentPartner(manager);
  const evidence = await askIfThere(manager);
  if (partner && evidence && evidence.partners.join() !== partner) await setPartners(manager, [partner]);
}
