import { setTimeout as pause } from "node:timers/promises";
import { callOf } from "../conf/settings";
import type { NodeRow, Status } from "../console/console";
import { consoleOf, ringOf } from "../console/consoleOf";
import { type Dump, describeDifferences } from "../dump/dump";
import { evaluate } from "../erlang/erlCall";
import { atomText } from "../erlang/terms";
import { askManager, type ManagerEvidence, type NodeFact } from "../look/evidence";
import type { Site } from "../look/site";
import { comparePair, compareWithin, usersWrites } from "./compare";
import { GO_BACK, type PairEvidence, waitForPair } from "./pair";
import { type Look, waitFor } from "./wait";

/** A pair by role. */
export interface RolePair {
  master: Site;
  slave: Site;
}

/** What is known from before the outage, to hold the result against. */
export interface Baseline {
  /** Ring hashes, current and previous. */
  ring: [string, string] | undefined;
  /** Storage and gateway nodes the managers listed. */
  nodes: string[];
  /** Every row the pair must hold; undefined: the two are compared with each other only. */
  rows: Dump | undefined;
}

/** A proven registration: who follows the pair, and who could not be told. */
export interface RegistrationResult {
  /** Node name by node name, the managers it follows; undefined where it did not answer. */
  nodes: NodeFact[];
  /** Nodes that could not be reached: the next `up` pays. */
  debt: string[];
  ring: [string, string] | undefined;
  evidence: string[];
}

/** LeoFS's managers compare rings with their nodes every 10 s and push what differs. */
const RING_LIMIT_SECONDS = 150;

const wantedOf = (pair: RolePair): string[] => [pair.master.manager.node, pair.slave.manager.node];

/** Nodes that answer and follow other managers than the pair's. */
export const strays = (nodes: readonly NodeFact[], wanted: readonly string[]): NodeFact[] =>
  nodes.filter((node) => node.answers && node.follows?.join() !== wanted.join());

/**
 * Makes every running storage and gateway node follow the pair and proves it node by node, over Erlang
 * distribution. `update-managers` is not believed: it answers OK for unknown names, skips what is not
 * `running`, and tells no gateway when one storage node fails; what it left out is told directly.
 *
 * @throws when a node that answers cannot be brought to follow the pair.
 */
export async function registerNodes(pair: RolePair, said: (line: string) => void): Promise<NodeFact[]> {
  const { master } = pair;
  const wanted = wantedOf(pair);
  const look = async (): Promise<NodeFact[]> => (await askManager(callOf(master), master.manager.node)).nodes;
  let nodes = await look();
  if (strays(nodes, wanted).length === 0) return nodes;
  said(`update-managers ${wanted.join(" ")} for ${strays(nodes, wanted).length} nodes`);
  try {
    await consoleOf(master).updateManagers(wanted[0]!, wanted[1]!);
  } catch (error) {
    said(`update-managers said: ${(error as Error).message}; asking the nodes themselves`);
  }
  nodes = await look();
  for (const node of strays(nodes, wanted)) await tell(master, node, wanted);
  return waitFor("every running node to follow the pair", 30, async (): Promise<Look<NodeFact[]>> => {
    nodes = await look();
    const left = strays(nodes, wanted);
    if (left.length === 0) return { done: nodes };
    return { waiting: left.map((node) => `${node.node} follows ${node.follows?.join(", ")}`).join("; ") };
  });
}

/** What `update-managers` makes a node do, for one node that it left out. Asked through a manager that runs. */
export async function tell(
  master: Site,
  node: Pick<NodeFact, "node" | "type">,
  wanted: readonly string[],
): Promise<void> {
  const module = node.type === "storage" ? "leo_storage_api" : "leo_gateway_api";
  const managers = wanted.map(atomText).join(", ");
  const call = `rpc:call(${atomText(node.node)}, ${module}, update_manager_nodes, [[${managers}]], 5000)`;
  await evaluate(callOf(master), master.manager.node, call);
}

/**
 * Proves a pair whole: every table on the discs of both, the same rows on both, the same answers on both
 * consoles, every running node following them, one ring hash everywhere, equal to the one from before.
 *
 * @throws with the evidence for whatever does not hold.
 */
export async function provePair(
  pair: RolePair,
  baseline: Baseline | undefined,
  said: (line: string) => void,
): Promise<RegistrationResult> {
  const { first, second } = await waitForPair({ first: pair.master, second: pair.slave }, said);
  const partners = checkPartners(pair, { first, second });
  const nodes = await registerNodes(pair, said);
  said("comparing rings, consoles and rows");
  const ring = await agreeOnRing(pair, baseline, said);
  const rows = await lasting(() => proveRows(pair, baseline?.rows));
  const consoles = await lasting(() => compareConsoles(pair));
  const debt = debtOf(nodes, baseline);
  const running = nodes.filter((node) => node.answers);
  const evidence = [
    rows,
    partners,
    consoles,
    ring
      ? `ring hash ${ring[0]} on both managers and ${running.length} running nodes${baseline?.ring ? ", as before" : ""}`
      : "no ring yet (no storage node was ever started)",
    ...running.map((node) => `${node.node} follows ${node.follows?.join(" and ")}, as it said itself`),
    ...debt.map((line) => `debt: ${line}`),
  ];
  return { nodes, debt, ring, evidence };
}

/** A write that falls between two looks makes them differ for a moment: only a difference that stays is one. */
async function lasting<T>(look: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1)
    try {
      return await look();
    } catch (error) {
      if (tries === 3) throw error;
      await pause(500);
    }
}

/**
 * Compares every row: with what the pair must hold where that is known, else of one manager with the other. Rows that
 * nobody had at the stop were written since the managers are back, and are named.
 */
async function proveRows({ master, slave }: RolePair, expected: Dump | undefined): Promise<string> {
  const pair = { first: master, second: slave };
  const nodes = `${master.manager.node} and ${slave.manager.node}`;
  const against = expected ? await comparePair(pair, expected) : undefined;
  const one = against?.first ?? (await compareWithin(pair));
  const written = usersWrites(one, "anywhere");
  const compared = against ? [written.rest, usersWrites(against.second, "anywhere").rest] : [one];
  const differences = compared.flatMap((each) => describeDifferences(each));
  if (differences.length > 0)
    throw new Error(
      `${nodes} do not hold ${expected ? "what was backed up" : "the same rows"}:\n${differences.map((line) => `  - ${line}`).join("\n")}\n` +
        `The backups are untouched. See whether these rows may be as they are now, and run pulumi up again. ${GO_BACK}`,
    );
  const what = expected ? "every row of the backup" : "the same rows";
  const since = against ? written.text : "";
  return `${nodes} hold ${what}: ${one.tables} tables, ${one.rows} rows, on disc on both${since && `; ${since}`}`;
}

function checkPartners(pair: RolePair, { first, second }: PairEvidence): string {
  const wrong = [
    [first, pair.slave.manager.node] as const,
    [second, pair.master.manager.node] as const,
  ].filter(([evidence, partner]) => evidence.partners.join() !== partner);
  const [one] = wrong;
  if (one)
    throw new Error(
      `${one[0].node} was started with the partner ${one[0].partners.join(", ") || "none"} and not ${one[1]}. Stop it, see that its conf names ${one[1]}, start it, and run pulumi up again.`,
    );
  return `each runs with the other as its partner (processes ${first.pid} and ${second.pid})`;
}

async function agreeOnRing(
  pair: RolePair,
  baseline: Baseline | undefined,
  said: (line: string) => void,
): Promise<[string, string] | undefined> {
  const look = async (): Promise<Look<[string, string] | undefined>> => {
    const [one, other, evidence] = await Promise.all([
      consoleOf(pair.master).status(),
      consoleOf(pair.slave).status(),
      askManager(callOf(pair.master), pair.master.manager.node),
    ]);
    const ring = ringOf(one);
    const difference =
      ringDifference(pair, [ring, ringOf(other)], baseline) ?? nodeDifference(ring, one, evidence);
    return difference ? { waiting: difference } : { done: ring };
  };
  return waitFor("one ring hash on managers and running nodes", RING_LIMIT_SECONDS, look, said);
}

type Ring = [string, string] | undefined;
const ringText = (ring: Ring): string => ring?.join("/") ?? "none";

function ringDifference(
  pair: RolePair,
  [one, other]: [Ring, Ring],
  baseline: Baseline | undefined,
): string | undefined {
  const [master, slave] = wantedOf(pair);
  if (ringText(one) !== ringText(other))
    return `${master} has ring ${ringText(one)}, ${slave} has ${ringText(other)}`;
  if (baseline?.ring && ringText(one) !== ringText(baseline.ring))
    return `the managers have ring ${ringText(one)}, before it was ${ringText(baseline.ring)}`;
  return undefined;
}

/** A running node with another ring: as the managers list it, or as it says itself where it can be asked. */
function nodeDifference(ring: Ring, status: Status, evidence: ManagerEvidence): string | undefined {
  const alive = new Set(evidence.nodes.filter((node) => node.answers).map((node) => node.node));
  const listed = status.nodes
    .filter((row) => alive.has(row.node) && row.state === "running")
    .map(({ node, ring: current, previousRing }) => ({ node, ring: [current, previousRing] as Ring }));
  const asked = evidence.nodes.filter((node) => node.answers && node.ring);
  const differing = [...listed, ...asked].find((node) => ringText(node.ring) !== ringText(ring));
  return (
    differing && `${differing.node} has ring ${ringText(differing.ring)}, the managers have ${ringText(ring)}`
  );
}

async function compareConsoles(pair: RolePair): Promise<string> {
  const [one, other] = await Promise.all([pair.master, pair.slave].map(answers));
  for (const key of ["users", "buckets", "endpoints"] as const)
    if (one![key] !== other![key])
      throw new Error(
        `the consoles of ${wantedOf(pair).join(" and ")} answer differently to get-${key}: ask both, and see which is right before anything else`,
      );
  return `both consoles answer the same: ${one!.counts}`;
}

async function answers(
  site: Site,
): Promise<{ users: string; buckets: string; endpoints: string; counts: string }> {
  const console = consoleOf(site);
  const [users, buckets, endpoints] = [
    await console.users(),
    await console.buckets(),
    await console.endpoints(),
  ];
  const text = (rows: object[]) =>
    rows
      .map((row) => JSON.stringify(row))
      .sort()
      .join("\n");
  const counts = `${users.length} users, ${buckets.length} buckets, ${endpoints.length} endpoints`;
  return { users: text(users), buckets: text(buckets), endpoints: text(endpoints), counts };
}

function debtOf(nodes: readonly NodeFact[], baseline: Baseline | undefined): string[] {
  const silent = nodes.filter((node) => !node.answers);
  const known = new Set(nodes.map((node) => node.node));
  const gone = (baseline?.nodes ?? []).filter((node) => !known.has(node));
  return [
    ...silent.map(
      (node) =>
        `${node.type} ${node.node} does not answer (listed as ${node.state}); it still has its old managers`,
    ),
    ...gone.map((node) => `${node} was listed before the recovery and is not now`),
  ];
}

/**
 * What is left for a person: LeoFS's nodes read their managers from a file when they start, and one name in it that
 * does not answer keeps them from starting. Short, because the Pulumi CLI cuts outputs of 150 characters.
 */
export function nextSteps(pair: RolePair, nodes: readonly Pick<NodeRow, "node" | "type">[]): string[] {
  const line = `managers = [${wantedOf(pair).join(", ")}]`;
  return nodes.map(({ node, type }) => {
    const file = type === "storage" ? "leo_storage.conf" : "leo_gateway.conf";
    return `on the host of ${node}: set "${line}" in etc/${file}, or it cannot restart`;
  });
}
