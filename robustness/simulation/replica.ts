import { atom, integer, list, type Term, tuple } from "../../leofs/erlang/term";
import type { Schema } from "./files";
import type { Database, Manager } from "./manager";

/** The Mnesia of a temporary VM. */
export interface Replica {
  /** What it joined. */
  database?: Database;
  /** Who was down then. */
  down?: readonly string[];
  hung: boolean;
}

/** Two tables stand for all that are copied. */
export const COPIED = ["leo_s3_credentials", "leo_s3_users"] as const;

/** The one of them that stands for a table. */
export const standIn = (table: string): string => (table === "leo_s3_users" ? table : COPIED[0]);

const atomic = tuple(atom("atomic"), atom("ok"));
const aborted = (why: string): Term => tuple(atom("aborted"), atom(why));

/** How long a replica that hangs is waited for before it is left. */
const LEFT_MS = 6_000;

/** A schema with some nodes fewer. */
const without = ({ id, nodes, filling }: Schema, node: string): Schema => ({
  id,
  nodes: nodes.filter((one) => one !== node),
  ...(filling && filling.node !== node && { filling }),
});

/** Nodes whose copy of a table is on disc; `schema` is a table too. */
export const onDisc = ({ nodes, filling }: Schema, table: string): string[] =>
  nodes.filter((node) => filling?.node !== node || filling.tables.includes(table));

/** A schema that has one node more, with these tables on its disc. */
export const withNode = ({ id, nodes }: Schema, node: string, tables: readonly string[]): Schema => {
  const all = nodes.includes(node) ? nodes : [...nodes, node];
  return tables.length === COPIED.length + 1
    ? { id, nodes: all }
    : { id, nodes: all, filling: { node, tables } };
};

/** A schema that has the nodes of another one too. */
export const withNodesOf = (schema: Schema, { nodes, filling }: Schema): Schema => {
  const more = nodes.filter((node) => !schema.nodes.includes(node));
  const half = schema.filling ?? (filling && more.includes(filling.node) ? filling : undefined);
  return { id: schema.id, nodes: [...schema.nodes, ...more], ...(half && { filling: half }) };
};

/** A question about a serving manager's replicas changes these things, each by itself, and is then answered. */
interface Put {
  steps: (() => void)[];
  answer: () => Term;
}

/** The replica, where it runs and answers; one that hangs is left when it was waited for. */
function answering(made: Manager, pass: (milliseconds: number) => void): Replica | undefined {
  if (!made.replica?.hung) return made.replica;
  pass(LEFT_MS);
  made.leaveReplica();
  return undefined;
}

/** Counts the temporary VM's Mnesia among the replicas: in memory first, then with its schema on disc. */
export function join(
  database: Database,
  node: string,
  made: Manager | undefined,
  pass: (ms: number) => void,
): Put {
  let refused: Term | undefined;
  return {
    steps: [
      () => {
        const replica = made && answering(made, pass);
        if (!replica || made.startedOnFiles) {
          // With a schema on its disc its Mnesia is not one that can be joined.
          refused = tuple(atom("not_joined"), tuple(atom("ok"), list([])), atom("pang"));
          return;
        }
        replica.database = database;
        database.guest = made;
        database.copied = false;
        for (const one of database.members) one.sees(node);
        if (database.schema.nodes.includes(node)) refused = aborted("already_exists");
        else database.schema = withNode(database.schema, node, []);
      },
      () => {
        if (refused || database.guest !== made) return;
        database.schema = withNode(database.schema, node, ["schema"]);
        made!.replica!.down = database.members[0]!.vm!.down.filter((one) => one !== node);
      },
    ],
    answer: () => refused ?? (database.guest === made ? atomic : aborted("node_not_running")),
  };
}

/** Copies a table to the disc of a node that was joined. */
export function addCopy(database: Database, node: string, table: string, pass: (ms: number) => void): Put {
  let did = false;
  return {
    steps: [
      () => {
        const { guest, schema } = database;
        if (guest?.node !== node || !answering(guest, pass)) return;
        const tables = schema.filling?.node === node ? schema.filling.tables : [];
        if (!tables.includes("schema") || tables.includes(table)) return;
        database.schema = withNode(schema, node, [...tables, table]);
        database.copied = !database.schema.filling;
        did = true;
      },
    ],
    answer: () => (did ? atomic : aborted("not_active")),
  };
}

/** Takes a node out of the schema, unless its Mnesia runs. */
export function drop(database: Database, node: string): Put {
  let refused: Term | undefined;
  return {
    steps: [
      () => {
        if (runningIn(database).includes(node)) refused = aborted("active");
        else if (!database.schema.nodes.includes(node)) refused = aborted("no_exists");
        else database.schema = without(database.schema, node);
      },
    ],
    answer: () => refused ?? atomic,
  };
}

/** Node names whose Mnesia runs with this one. */
export const runningIn = ({ members, guest }: Pick<Database, "members" | "guest">): string[] =>
  [...members, ...(guest ? [guest] : [])].map(({ node }) => node);

/** Bytes of a table. */
const SIZE = 12;

/** What a serving manager says of its replicas: of the schema, and of the tables that stand for all. */
export function replicaFacts({ schema, rows, ...database }: Database): Term {
  const names = (nodes: readonly string[]) => list([...nodes].sort().map(atom));
  const tables = [...COPIED, "schema"].map((table) => {
    const disc = onDisc(schema, table);
    const otherwise = table === "schema" ? schema.nodes.filter((node) => !disc.includes(node)) : [];
    return tuple(atom(table), names(disc), names(otherwise), integer(rows.cells.size), integer(SIZE));
  });
  return tuple(names(schema.nodes), names(runningIn(database)), list(tables));
}
