import type { Clock } from "../../remote/clock";
import { type Look, type Report, waitFor } from "../../remote/wait";
import { expressions } from "../erlang/expressions";
import { atom, list } from "../erlang/terms";
import { ringOf } from "../manager/consoleOf";
import type { ManagerEvidence, NodeFact } from "../manager/evidence";
import type { Manager } from "../manager/manager";
import type { NodeRing } from "../manager/rings";
import { type Ring, ringText } from "../manager/rings";
import { type Comparison, type Dump, describeDifferences, stillDiffering } from "../mnesia/dump";
import type { ListedNode } from "../names";
import { managersValue } from "../nodes/nodeConf";
import { someOf } from "../sentence";
import { comparePair, compareWithin, differsInLeofsOwn, OWN_ROWS_SECONDS, usersWrites } from "./compare";
import { GO_BACK, type Pair, type PairEvidence, waitForPair } from "./pair";
import { oddNow, ringsOf } from "./rings";

/** What is known from before the outage, to hold the result against. */
export interface Baseline {
  /** Ring hashes, current and previous. */
  ring: [string, string] | undefined;
  /** Nodes that had another ring than the managers, with it. */
  oddRings: Map<string, string>;
  /** Storage and gateway nodes the managers listed. */
  nodes: string[];
  /** Every row the pair must hold; undefined: the two are compared with each other only. */
  rows: Dump | undefined;
}

/** A proven registration: who follows the pair, and who could not be told. */
export interface RegistrationResult {
  /** Node name by node name, the managers it follows; undefined where it did not answer. */
  nodes: NodeFact[];
  /** Nodes that were listed before the outage and are not now. */
  gone: string[];
  ring: Ring;
  /** Nodes that have another ring than the managers, as they had before. */
  oddRings: string[];
  evidence: string[];
}

/** LeoFS's managers compare rings with their nodes every 10 s and push what differs. */
const RING_LIMIT_SECONDS = 150;

/** Node names of a pair, the master first: as nodes are told, and as their confs name them. */
export const wantedOf = (pair: Pair): string[] => [pair.master.spec.node, pair.slave.spec.node];

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
async function registerNodes(pair: Pair, report: Report): Promise<NodeFact[]> {
  const { master } = pair;
  const wanted = wantedOf(pair);
  const look = async (): Promise<NodeFact[]> => (await master.evidence()).nodes;
  let nodes = await look();
  if (strays(nodes, wanted).length === 0) return nodes;
  report(`update-managers ${wanted.join(" ")} for ${strays(nodes, wanted).length} nodes`);
  try {
    await master.console.updateManagers(wanted[0]!, wanted[1]!);
  } catch (error) {
    report(`update-managers said: ${(error as Error).message}; asking the nodes themselves`);
  }
  nodes = await look();
  for (const node of strays(nodes, wanted)) await tell(master, node, wanted);
  return waitFor(
    master.host.clock,
    "every running node to follow the pair",
    30,
    async (): Promise<Look<NodeFact[]>> => {
      nodes = await look();
      const left = strays(nodes, wanted);
      if (left.length === 0) return { done: nodes };
      return { waiting: left.map((node) => `${node.node} follows ${node.follows?.join(", ")}`).join("; ") };
    },
  );
}

const UPDATE_MANAGERS = expressions("leofs/pair/questions/update-managers.erl");

/** What `update-managers` makes a node do, for one node that it left out. Asked through a manager that runs. */
export async function tell(
  master: Manager,
  node: Pick<NodeFact, "node" | "type">,
  wanted: readonly string[],
): Promise<void> {
  const values = {
    Node: atom(node.node),
    Module: atom(node.type === "storage" ? "leo_storage_api" : "leo_gateway_api"),
    Managers: list(wanted.map(atom)),
  };
  await master.ask(UPDATE_MANAGERS, values, { once: true });
}

/**
 * Proves a pair whole: every table on the discs of both, the same rows on both, the same answers on both
 * consoles, every running node following them, one ring hash everywhere, equal to the one from before.
 *
 * @throws with the evidence for whatever does not hold.
 */
export async function provePair(
  pair: Pair,
  baseline: Baseline | undefined,
  report: Report,
): Promise<RegistrationResult> {
  const seen = await waitForPair(pair, report);
  const partners = checkPartners(pair, seen);
  const nodes = await registerNodes(pair, report);
  report("comparing rings, consoles and rows");
  const { ring, odd } = await agreeOnRing(pair, baseline, report);
  const oddRings = [...new Set(odd.map(({ node }) => node))];
  const rows = await proveRows(pair, baseline?.rows);
  const consoles = await compareConsoles(pair, seen.master);
  const listed = new Set(nodes.map(({ node }) => node));
  const gone = (baseline?.nodes ?? []).filter((node) => !listed.has(node));
  const running = nodes.filter((node) => node.answers);
  const evidence = [
    rows,
    partners,
    consoles,
    ring
      ? `ring hash ${ring[0]} on both managers and ${running.length - oddRings.length} running nodes${baseline?.ring ? ", as before" : ""}`
      : "no ring yet (no storage node was ever started)",
    ...oddRings.map((node) => `${node} has another ring than the managers, as it had before`),
    ...followersText(running, wantedOf(pair)),
  ];
  return { nodes, gone, ring, oddRings, evidence };
}

/**
 * Looks up to five times as long as there is a difference, and for 20 s as long as one is `slow`; keeps what every look
 * found: a write that falls between the looks at two managers makes them differ for a moment.
 */
async function lasting<T>(
  clock: Clock,
  look: () => Promise<T>,
  differs: (seen: T) => boolean,
  both: (earlier: T, now: T) => T,
  slow: (seen: T) => boolean = () => false,
): Promise<T> {
  const started = clock.now();
  let seen: T = await look();
  const patient = () => slow(seen) && clock.now() - started < OWN_ROWS_SECONDS * 1000;
  for (let more = 4; differs(seen) && (more > 0 || patient()); more -= 1) {
    await clock.pause(500);
    seen = both(seen, await look());
  }
  return seen;
}

/** A comparison of rows, one for each manager that is compared, and what users did meanwhile. */
interface SeenRows {
  compared: Comparison[];
  since: string;
}

/**
 * Compares every row: with what the pair must hold where that is known, else of one manager with the other. Rows that
 * nobody had at the stop were written since the managers are back, and are named.
 */
async function proveRows(pair: Pair, expected: Dump | undefined): Promise<string> {
  const look = async (): Promise<SeenRows> => {
    if (!expected) return { compared: [await compareWithin(pair)], since: "" };
    const { master, slave } = await comparePair(pair, expected);
    const written = [master, slave].map((each) => usersWrites(each, { added: "anywhere" }));
    return { compared: written.map(({ rest }) => rest), since: written[0]!.text };
  };
  const { compared, since } = await lasting(
    pair.master.host.clock,
    look,
    (seen) => seen.compared.some(({ equal }) => !equal),
    (earlier, now) => ({
      ...now,
      compared: now.compared.map((each, index) => stillDiffering(earlier.compared[index]!, each)),
    }),
    (seen) => seen.compared.some(differsInLeofsOwn),
  );
  const nodes = wantedOf(pair).join(" and ");
  const differences = compared.flatMap((each) => describeDifferences(each));
  if (differences.length > 0)
    throw new Error(
      `${nodes} do not hold ${expected ? "what was backed up" : "the same rows"}:\n${differences.map((line) => `  - ${line}`).join("\n")}\n` +
        `The backups are untouched. See whether these rows may be as they are now, and run pulumi up again. ${GO_BACK}`,
    );
  const what = expected ? "every row of the backup" : "the same rows";
  const [{ tables, rows }] = compared as [Comparison];
  return `${nodes} hold ${what}: ${tables} tables, ${rows} rows, on disc on both${since && `; ${since}`}`;
}

function checkPartners(pair: Pair, { master, slave }: PairEvidence): string {
  const wrong = [[master, pair.slave.spec.node] as const, [slave, pair.master.spec.node] as const].filter(
    ([evidence, partner]) => evidence.partners.join() !== partner,
  );
  const [one] = wrong;
  if (one)
    throw new Error(
      `${one[0].node} was started with the partner ${one[0].partners.join(", ") || "none"} and not ${one[1]}. Stop it, see that its conf names ${one[1]}, start it, and run pulumi up again.`,
    );
  return `each runs with the other as its partner (processes ${master.pid} and ${slave.pid})`;
}

/** The ring of both managers, and nodes that have the other one that they had before. */
interface AgreedRing {
  ring: Ring;
  odd: NodeRing[];
}

async function agreeOnRing(pair: Pair, baseline: Baseline | undefined, report: Report): Promise<AgreedRing> {
  const look = async (): Promise<Look<AgreedRing>> => {
    const [one, other, evidence] = await Promise.all([
      pair.master.console.status(),
      pair.slave.console.status(),
      pair.master.evidence(),
    ]);
    const ring = ringOf(one);
    const odd = oddNow(ring, ringsOf(one, evidence.nodes), baseline?.oddRings ?? new Map());
    const [first] = odd.new;
    const difference =
      ringDifference(pair, [ring, ringOf(other)], baseline) ??
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
  baseline: Baseline | undefined,
): string | undefined {
  const [master, slave] = wantedOf(pair);
  if (ringText(one) !== ringText(other))
    return `${master} has ring ${ringText(one)}, ${slave} has ${ringText(other)}`;
  if (baseline?.ring && ringText(one) !== ringText(baseline.ring))
    return `the managers have ring ${ringText(one)}, before it was ${ringText(baseline.ring)}`;
  return undefined;
}

/** A console looks up each row of a list by itself: longer ones are compared as tables only, not as answers. */
const LISTED = 5_000;

async function compareConsoles(pair: Pair, { tables }: ManagerEvidence): Promise<string> {
  const long = (table: string) => (tables.get(table)?.rows ?? 0) > LISTED;
  const left = { users: long("leo_s3_users"), buckets: long("leo_s3_buckets") };
  const look = async () => {
    const [one, other] = await Promise.all([answers(pair.master, left), answers(pair.slave, left)]);
    const all = [...new Set([...one.rows, ...other.rows])];
    return { counts: one.counts, differing: all.filter((row) => !one.rows.has(row) || !other.rows.has(row)) };
  };
  const { counts, differing } = await lasting(
    pair.master.host.clock,
    look,
    (seen) => seen.differing.length > 0,
    (earlier, now) => ({ ...now, differing: now.differing.filter((row) => earlier.differing.includes(row)) }),
  );
  const [row] = differing;
  if (row)
    throw new Error(
      `the consoles of ${wantedOf(pair).join(" and ")} answer differently to ${row.slice(0, row.indexOf(" "))}: ask both, and see which is right before anything else`,
    );
  return `both consoles answer the same: ${counts}`;
}

/**
 * What a console lists, each row as text behind the command that lists it.
 *
 * @param left what is not asked for
 */
async function answers(
  { console }: Manager,
  left: { users: boolean; buckets: boolean },
): Promise<{ rows: Set<string>; counts: string }> {
  const users = left.users ? undefined : await console.users();
  const buckets = left.buckets ? undefined : await console.buckets();
  const endpoints = await console.endpoints();
  const rows = Object.entries({
    "get-users": users ?? [],
    "get-buckets": buckets ?? [],
    "get-endpoints": endpoints,
  }).flatMap(([command, listed]) => listed.map((row) => `${command} ${JSON.stringify(row)}`));
  const count = (rows: readonly unknown[] | undefined, what: string) =>
    rows ? `${rows.length} ${what}` : `${what} not listed, since they are more than ${LISTED}`;
  const counts = [count(users, "users"), count(buckets, "buckets"), count(endpoints, "endpoints")].join(", ");
  return { rows: new Set(rows), counts };
}

/** A line each, unless there are so many that nobody would read them. */
const followersText = (running: readonly NodeFact[], pair: readonly string[]): string[] =>
  running.length > 10
    ? [
        `${running.length} running nodes follow ${pair.join(" and ")}, as each said itself: ${someOf(running.map(({ node }) => node))}`,
      ]
    : running.map((node) => `${node.node} follows ${node.follows?.join(" and ")}, as it said itself`);

/**
 * What the next `up` has to see to: nodes that did not answer, or are not listed any more.
 *
 * @param done nodes whose conf names the pair
 */
export function debtOf({ nodes, gone }: RegistrationResult, done: ReadonlySet<string>): string[] {
  return [
    ...nodes
      .filter((node) => !node.answers)
      .map(
        ({ type, node, state }) =>
          `${type} ${node} does not answer (listed as ${state}); ${done.has(node) ? "its conf names the new pair, so start it" : "it still has its old managers"}`,
      ),
    ...gone.map((node) => `${node} was listed before the recovery and is not now`),
  ];
}

/**
 * What is left for a person: LeoFS's nodes read their managers from a file when they start, and one name in it that
 * does not answer keeps them from starting. Short, because the Pulumi CLI cuts outputs of 150 characters.
 */
export function nextSteps(pair: Pair, nodes: readonly ListedNode[]): string[] {
  const line = `managers = ${managersValue(wantedOf(pair))}`;
  return nodes.map(({ node, type }) => {
    const file = type === "storage" ? "leo_storage.conf" : "leo_gateway.conf";
    return `on the host of ${node}: set "${line}" in etc/${file}, or it cannot restart`;
  });
}

/** The same of the confs of the nodes that were changed. */
export const keepManagers = (pair: Pair): string =>
  `if Ansible or the like writes the confs of the nodes: set managers = ${managersValue(wantedOf(pair))} there, or it is undone`;
