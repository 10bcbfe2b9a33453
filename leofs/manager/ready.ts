import { NodeUnreachable } from "../erlang/noAnswer";
import { FIRST_TABLES, factsOf, TABLES } from "../mnesia/tables";
import type { ManagerSpec } from "../names";
import { stopCommand } from "./control";
import type { ManagerEvidence } from "./evidence";
import type { Asked } from "./manager";

/** Asks a manager; undefined when it does not answer (yet). */
export async function askIfThere(manager: Asked): Promise<ManagerEvidence | undefined> {
  const told = await askOrWhy(manager);
  return "evidence" in told ? told.evidence : undefined;
}

/** What asking a manager that runs came to: what it says of itself, or why it did not answer. */
export type Told = { evidence: ManagerEvidence } | { silence: NodeUnreachable };

/** Asks a manager that runs. */
export async function askOrWhy(manager: Asked): Promise<Told> {
  try {
    return { evidence: await manager.evidence() };
  } catch (error) {
    if (error instanceof NodeUnreachable) return { silence: error };
    throw error;
  }
}

/**
 * Whether a manager serves: Mnesia runs on it, and its tables are loaded.
 *
 * @param tables default: every table of LeoFS
 */
export const isServing = (
  evidence: ManagerEvidence | undefined,
  tables: readonly string[] = TABLES,
): boolean => lackingToServe(evidence, tables) === undefined;

const WITHOUT_MNESIA = "runs without Mnesia (it waits for its partner, or its Mnesia has stopped by itself)";

const runsMnesia = ({ mnesia }: ManagerEvidence): boolean => mnesia === "yes";

/**
 * What to do with a manager that answers and has no Mnesia: it waits for its partner, or Mnesia has stopped by itself, as a
 * full disc makes it. Such a manager serves nobody, so that stopping it loses nothing. Undefined when it is no such manager.
 */
export const mnesiaGone = (evidence: ManagerEvidence | undefined, spec: ManagerSpec): string | undefined =>
  evidence && !runsMnesia(evidence)
    ? `${WITHOUT_MNESIA}: it serves nobody as it is. See its log and whether its disc is full, then stop it (${stopCommand(spec)})`
    : undefined;

/** What a manager lacks to serve these tables, wherever it keeps them, in words; undefined when nothing. Default: every one. */
export function lackingToServe(
  evidence: ManagerEvidence | undefined,
  tables: readonly string[] = TABLES,
): string | undefined {
  if (!evidence) return "does not answer";
  if (!runsMnesia(evidence)) return WITHOUT_MNESIA;
  const absent = tables.filter((name) => !evidence.tables.has(name));
  if (absent.length > 0)
    return `has ${evidence.tables.size} of ${tables.length} tables, not yet ${absent[0]}`;
  const unloaded = tables.filter((name) => !evidence.tables.get(name)?.loaded);
  return unloaded.length > 0 ? `waits for its partner to load ${unloaded.length} tables` : undefined;
}

/** Tables that a manager has in memory only. What another one alone has so, it can neither lose nor put on disc. */
export const memoryTablesOf = (evidence: ManagerEvidence | undefined): string[] =>
  [...(evidence?.tables ?? [])]
    .filter(([, { memoryOnly }]) => memoryOnly.includes(evidence!.node))
    .map(([name]) => name);

/** Tables that a manager has in memory only: stopping it loses them. */
export class MemoryOnly extends Error {
  /**
   * @param found what was seen
   * @param advice safe wherever it is followed
   */
  constructor(
    readonly found: string,
    advice: string,
  ) {
    super(`${found} ${advice}`);
  }
}

/**
 * What a manager lacks to hold these tables on the discs of both, in words; undefined when nothing.
 *
 * @param tables default: every one
 * @throws MemoryOnly when a table is in memory only: it was made by a load that came too early, and waiting cannot mend it.
 */
export function lacking(
  evidence: ManagerEvidence | undefined,
  nodes: readonly string[],
  tables: readonly string[] = TABLES,
): string | undefined {
  const memory = memoryTablesOf(evidence);
  if (memory.length > 0)
    throw new MemoryOnly(
      `${evidence!.node} holds ${memory.join(", ")} in memory only: a dump was loaded before these tables were there. They are lost at its next stop.`,
      `Do not stop it. Put each of them on disc there: mnesia:change_table_copy_type(${memory[0]}, node(), disc_copies). Then run pulumi up again.`,
    );
  const missing = lackingToServe(evidence, tables);
  if (!evidence || missing) return missing;
  const single = tables.filter((name) =>
    nodes.some((node) => !evidence.tables.get(name)?.disc.includes(node)),
  );
  if (single.length > 0)
    return `keeps ${single[0]} on the disc of ${evidence.tables.get(single[0]!)?.disc.join(", ")} only`;
  return undefined;
}

/** What a manager writes into fresh tables by itself when it forms a pair: so many rows at least. */
const FRESH: ReadonlyMap<string, number> = new Map([
  ...FIRST_TABLES.flatMap((name) => {
    const { fresh } = factsOf(name);
    return fresh ? [[name, fresh.length] as const] : [];
  }),
  ["leo_system_conf", 1],
  ["leo_available_commands", 1],
]);

/**
 * What a manager of a fresh pair lacks to be given the rows of users, in words; undefined when nothing: every table but the
 * late ones is on both discs, and LeoFS has written there what it writes by itself, so that it writes over nothing.
 */
export function lackingForUsers(
  evidence: ManagerEvidence | undefined,
  nodes: readonly string[],
): string | undefined {
  const lack = lacking(evidence, nodes, FIRST_TABLES);
  if (lack || !lacking(evidence, nodes)) return lack;
  const unwritten = [...FRESH].find(([name, rows]) => (evidence?.tables.get(name)?.rows ?? 0) < rows);
  return unwritten && `has not written its own rows into ${unwritten[0]} yet`;
}
