import { type Look, type Report, waitFor } from "../../remote/wait";
import { ringOf } from "../manager/consoleOf";
import type { NodeRing } from "../manager/rings";
import { type Ring, ringText } from "../manager/rings";
import { wantedOf } from "./followers";
import type { Pair } from "./pair";
import { oddNow, ringsOf } from "./rings";

/** What is known of the ring from before the outage. */
export interface RingsBefore {
  /** Ring hashes, current and previous. */
  ring: [string, string] | undefined;
  /** Nodes that had another ring than the managers, with it. */
  oddRings: Map<string, string>;
}

/** LeoFS's managers compare rings with their nodes every 10 s and push what differs. */
const RING_LIMIT_SECONDS = 150;

/** The ring of both managers, and nodes that have the other one that they had before. */
export interface AgreedRing {
  ring: Ring;
  odd: NodeRing[];
}

/** Waits until managers and running nodes have one ring: that of before, where it is known. */
export async function agreeOnRing(
  pair: Pair,
  before: RingsBefore | undefined,
  report: Report,
): Promise<AgreedRing> {
  const look = async (): Promise<Look<AgreedRing>> => {
    const [one, other, evidence] = await Promise.all([
      pair.master.console.status(),
      pair.slave.console.status(),
      pair.master.evidence(),
    ]);
    const ring = ringOf(one);
    const odd = oddNow(ring, ringsOf(one, evidence.nodes), before?.oddRings ?? new Map());
    const [first] = odd.new;
    const difference =
      ringDifference(pair, [ring, ringOf(other)], before) ??
      (first && `${first.node} has ring ${ringText(first.ring)}, the managers have ${ringText(ring)}`);
    return difference ? { waiting: difference } : { done: { ring, odd: odd.asBefore } };
  };
  return waitFor(
    pair.master.host.clock,
    "one ring hash on managers and running nodes",
    RING_LIMIT_SECONDS,
    look,
    report,
  );
}

function ringDifference(
  pair: Pair,
  [one, other]: [Ring, Ring],
  before: RingsBefore | undefined,
): string | undefined {
  const [master, slave] = wantedOf(pair);
  if (ringText(one) !== ringText(other))
    return `${master} has ring ${ringText(one)}, ${slave} has ${ringText(other)}`;
  if (before?.ring && ringText(one) !== ringText(before.ring))
    return `the managers have ring ${ringText(one)}, before it was ${ringText(before.ring)}`;
  return undefined;
}
