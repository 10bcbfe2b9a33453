import { createHash } from "node:crypto";
import type { Damage } from "./history";
import type { Rows } from "./rows";

/** What a file holds, as far as the model tells files apart: equal contents have one identity. */
export interface Content {
  readonly sha256: string;
  readonly bytes: number;
  readonly schema?: Schema;
  readonly rows?: Rows;
  readonly log?: Log;
  readonly text?: string;
  /** It was cut or overwritten. */
  readonly damaged?: boolean;
}

/** A Mnesia schema: made once, by the pair that formed. */
export interface Schema {
  readonly id: number;
  readonly nodes: readonly string[];
  /** One of the nodes that does not have every table on its disc yet, and those that it has; `schema` is one. */
  readonly filling?: { readonly node: string; readonly tables: readonly string[] };
}

/** What a manager's logs say: whose they are, and whom it saw going down. */
export interface Log {
  readonly writer: string;
  /** Which of its starts wrote it: no two runs leave the same log. */
  readonly run: number;
  readonly down: readonly string[];
}

/** A directory, by file name. Never changed once it is somebody's. */
export type Tree = ReadonlyMap<string, Content>;
export const EMPTY: Tree = new Map();

let known = new Map<string, Content>();

/** The one object for a content, by a text that says all of it. */
function the(described: string, held: Omit<Content, "sha256" | "bytes">): Content {
  let content = known.get(described);
  if (!content) {
    if (known.size > 20_000) known = new Map();
    const sha256 = createHash("sha256").update(described).digest("hex");
    content = { ...held, bytes: described.length, sha256 };
    known.set(described, content);
  }
  return content;
}

/** A file with this text. */
export const textFile = (text: string): Content => the(`text ${text}`, { text });

/** A file that was overwritten with something else. */
const DAMAGED = the("damaged", { damaged: true });

/** What is left of a directory after something befell it. */
export function damaged(tree: Tree, damage: Damage): Tree | undefined {
  const table = "leo_s3_users.DCD";
  if (damage === "behind") return tree;
  if (damage === "cut") return new Map([...tree, [table, DAMAGED]]);
  if (damage === "lacking") return new Map([...tree].filter(([name]) => name !== table));
  return damage === "emptied" ? EMPTY : undefined;
}

/** The files of a Mnesia directory. LeoFS has 25 of them; four stand for all, and the users' one holds every row. */
export const MNESIA_FILES = [
  "LATEST.LOG",
  "leo_s3_users.DCD",
  "schema.DAT",
  "leo_s3_credentials.DCD",
] as const;
const OTHER_TABLES = the("other tables", {});
export function mnesiaFiles(schema: Schema, rows: Rows, log: Log): Tree {
  const { id, nodes, filling } = schema;
  const named = `${id} ${nodes} ${filling?.node} ${filling?.tables}`;
  const said = `${named} ${rows.id} ${log.writer} ${log.run} ${log.down}`;
  let tree = directories.get(said);
  if (!tree) {
    tree = new Map([
      ["LATEST.LOG", the(`log ${log.writer} ${log.run} ${log.down}`, { log })],
      ["leo_s3_users.DCD", the(`rows ${rows.text}`, { rows })],
      ["schema.DAT", the(`schema ${named}`, { schema })],
      ["leo_s3_credentials.DCD", OTHER_TABLES],
    ]);
    if (filling?.node === log.writer)
      tree = new Map(
        [...tree].filter(([name]) => !name.endsWith(".DCD") || filling.tables.includes(name.slice(0, -4))),
      );
    if (filling?.node === log.writer && !filling.tables.includes("schema")) tree = EMPTY;
    if (directories.size > 20_000) directories = new Map();
    directories.set(said, tree);
  }
  return tree;
}
let directories = new Map<string, Tree>();

/** What is made of a directory, once for each. */
function onceFor(make: (tree: Tree) => Tree): (tree: Tree) => Tree {
  const results = new WeakMap<Tree, Tree>();
  return (tree) => {
    let result = results.get(tree);
    if (!result) {
      result = make(tree);
      results.set(tree, result);
    }
    return result;
  };
}

const BELOW = "mnesia/";
/** A Mnesia directory as a backup holds it. */
export const intoBackup = onceFor((tree) => new Map([...tree].map(([name, file]) => [BELOW + name, file])));
/** The Mnesia directory in a backup. */
export const outOfBackup = onceFor(
  (tree) =>
    new Map(
      [...tree].flatMap(([name, file]): [string, Content][] =>
        name.startsWith(BELOW) ? [[name.slice(BELOW.length), file]] : [],
      ),
    ),
);

const extended = new WeakMap<Tree, Map<string, Tree>>();
/** A directory with one file more, or with another content of it. */
export function withFile(tree: Tree, name: string, file: Content): Tree {
  const known = extended.get(tree) ?? new Map<string, Tree>();
  extended.set(tree, known);
  const key = `${name} ${file.sha256}`;
  let result = known.get(key);
  if (!result) {
    result = new Map([...tree, [name, file]]);
    if (known.size > 5_000) known.clear();
    known.set(key, result);
  }
  return result;
}

/** What Mnesia would read from a directory; undefined when it could not. */
export function readMnesia(tree: Tree): { schema: Schema; rows: Rows; log: Log } | undefined {
  const { schema } = tree.get("schema.DAT") ?? {};
  const { rows } = tree.get("leo_s3_users.DCD") ?? {};
  const { log } = tree.get("LATEST.LOG") ?? {};
  if (!schema || !rows || !log || [...tree.values()].some((file) => file.damaged)) return undefined;
  return { schema, rows, log };
}

/** Whether two directories hold the same. */
export const sameTree = (one: Tree, other: Tree): boolean =>
  one === other ||
  (one.size === other.size && [...one].every(([name, file]) => other.get(name)?.sha256 === file.sha256));
