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

/** The files of a Mnesia directory. LeoFS has 25 of them; three stand for all. */
export const MNESIA_FILES = ["LATEST.LOG", "leo_s3_users.DCD", "schema.DAT"] as const;
export const mnesiaFiles = (schema: Schema, rows: Rows, log: Log): Tree =>
  new Map([
    ["LATEST.LOG", the(`log ${log.writer} ${log.run} ${log.down}`, { log })],
    ["leo_s3_users.DCD", the(`rows ${rows.text}`, { rows })],
    ["schema.DAT", the(`schema ${schema.id} ${schema.nodes}`, { schema })],
  ]);

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
  one.size === other.size && [...one].every(([name, file]) => other.get(name)?.sha256 === file.sha256);
