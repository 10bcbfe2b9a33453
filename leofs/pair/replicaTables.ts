import { expressions } from "../erlang/expressions";
import { atom, atomName, atomsIn, formatTerm, intOf, isTuple, itemsOf, type Term } from "../erlang/terms";
import type { Manager } from "../manager/manager";
import { requireSchemaRoom } from "../manager/schemaRoom";

/** A table as the serving manager's schema has it; the schema itself is one. */
export interface Copies {
  name: string;
  /** Nodes that have it on disc. */
  disc: string[];
  /** Nodes that have it in another way: in memory only, or on disc only. */
  otherwise: string[];
  rows: number;
  /** Its size in memory, in bytes. */
  bytes: number;
}

/** What the serving manager's Mnesia says of its replicas. */
export interface ReplicaFacts {
  /** Managers in the schema, whether they run or not. */
  known: string[];
  running: string[];
  tables: Copies[];
}

const FACTS = expressions("leofs/pair/questions/replica-facts.erl");
const JOIN = expressions("leofs/pair/questions/join-replica.erl");
const ADD = expressions("leofs/pair/questions/add-copy.erl");
const DROP = expressions("leofs/pair/questions/drop-node.erl");

/** Asks the serving manager for its replicas. Read-only. */
export async function replicaFacts(serving: Manager): Promise<ReplicaFacts> {
  const answer = await serving.ask(FACTS);
  const [known, running, tables] = isTuple(answer, 3) ? answer.items : [];
  return {
    known: atomsIn(known),
    running: atomsIn(running),
    tables: itemsOf(tables).map((table) => {
      const [name, disc, otherwise, rows, bytes] = isTuple(table, 5) ? table.items : [];
      return {
        name: atomName(name) ?? "?",
        disc: atomsIn(disc),
        otherwise: atomsIn(otherwise),
        rows: intOf(rows) ?? 0,
        bytes: intOf(bytes) ?? 0,
      };
    }),
  };
}

/** What keeps every table from being on the discs of exactly these nodes, in words; undefined: nothing. */
export function notOnExactly({ tables }: ReplicaFacts, nodes: readonly string[]): string | undefined {
  const wanted = [...nodes].sort().join();
  const wrong = tables.filter(
    ({ disc, otherwise }) => otherwise.length > 0 || [...disc].sort().join() !== wanted,
  );
  const [first] = wrong;
  return (
    first &&
    `${wrong.length} of ${tables.length} tables are not on the discs of just ${nodes.join(" and ")}: ${first.name} is on ${[...first.disc, ...first.otherwise].join(", ")}`
  );
}

/**
 * Why a temporary VM may lack rows, in words; undefined: it does not. The schema names its copies also when the serving
 * manager left it since (see `join-replica.erl`).
 */
export const notJoined = ({ running }: ReplicaFacts, node: string): string | undefined =>
  running.includes(node)
    ? undefined
    : `the temporary VM of ${node} gave no answer for 5 s, or was cut off, and was left: rows that were written since are not on it`;

/** A schema transaction of the serving manager, and what it says when it is refused. */
async function transaction(serving: Manager, what: string, put: () => Promise<Term>): Promise<void> {
  const answer = await put();
  if (isTuple(answer, 2) && atomName(answer.items[0]) === "atomic") return;
  throw new Error(`${serving.spec.node} refused to ${what}: ${formatTerm(answer)}`);
}

/** How long a table may take: 37.6 MB took 0.43 s on a host of its own. */
const secondsFor = (bytes: number): number => 60 + Math.ceil(bytes / 1_000_000);

/** Makes the Mnesia of a temporary VM one of the serving manager's, with an empty schema on its disc. */
export async function joinReplica(serving: Manager, node: string): Promise<void> {
  await requireSchemaRoom(serving);
  await transaction(serving, `count ${node} among its replicas`, () =>
    serving.ask(JOIN, { New: atom(node) }, { seconds: 60, once: true }),
  );
}

/** Copies a table to the disc of a node that was joined. Writes go on meanwhile. */
export const addCopy = (serving: Manager, node: string, { name, bytes }: Copies): Promise<void> =>
  transaction(serving, `copy ${name} to ${node}`, () =>
    serving.ask(ADD, { New: atom(node), Table: atom(name) }, { seconds: secondsFor(bytes), once: true }),
  );

/** Takes a node, whose Mnesia is down, out of the schema and of every table. */
export async function dropNode(serving: Manager, node: string): Promise<void> {
  await requireSchemaRoom(serving);
  await transaction(serving, `forget the replica ${node}`, () =>
    serving.ask(DROP, { Node: atom(node) }, { seconds: 60, once: true }),
  );
}
