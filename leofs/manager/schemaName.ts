import { script } from "../../remote/script";
import { expressions } from "../erlang/expressions";
import { NodeUnreachable } from "../erlang/noAnswer";
import { formatTerm } from "../erlang/terms";
import { readSchema, type SchemaFile } from "../mnesia/schemaFile";
import { ask } from "./ask";
import type { LookedAt } from "./lookedAt";

/*
 * Mnesia's name for the tables of a pair, made when the pair is formed. It tells whether a manager still has the tables
 * it had, or others that were made since: a directory that somebody emptied or moved away is filled again at the next
 * start, and then looks like any other.
 */

const READ_SCHEMA = script("leofs/manager/scripts/read-schema.sh");

/** What the schema file of a Mnesia directory says; `damage` when there is none. */
export async function readSchemaIn({ host, as }: LookedAt, directory: string): Promise<SchemaFile> {
  const { stdout } = await host.run(READ_SCHEMA, { directory }, { as, encoding: "latin1" });
  return readSchema(Buffer.from(stdout, "latin1"));
}

const SCHEMA_COOKIE = expressions("leofs/manager/questions/schema-cookie.erl");

/** The name that a running manager knows; undefined when it does not answer, or runs without Mnesia. */
export async function askSchemaName(manager: LookedAt): Promise<string | undefined> {
  try {
    return formatTerm(await ask(manager, SCHEMA_COOKIE));
  } catch (error) {
    if (error instanceof NodeUnreachable) return undefined;
    throw error;
  }
}
