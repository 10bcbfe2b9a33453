import type { Report } from "../../remote/wait";
import { entries } from "../incident/entries";
import type { Noted } from "../incident/journal";
import type { ManagerEvidence } from "../manager/evidence";
import type { Manager } from "../manager/manager";
import { askIfThere } from "../manager/ready";
import { dropNode } from "./replicaTables";

/** Managers beyond the pair that its tables are on, or that its Mnesia knows. */
export function strangersIn(
  asked: readonly (ManagerEvidence | undefined)[],
  pair: readonly string[],
): string[] {
  const names = asked.flatMap((evidence) =>
    evidence && evidence.mnesia === "yes"
      ? [...evidence.knownManagers, ...[...evidence.tables.values()].flatMap(({ disc }) => disc)]
      : [],
  );
  return [...new Set(names)].filter((name) => !pair.includes(name)).sort();
}

/**
 * Takes managers beyond the pair out of its tables: one that was lost and came back joined as a third replica. One that
 * runs cannot be taken out, and is debt.
 */
export async function forgetStrangers(
  good: Manager,
  other: Manager,
  journal: Noted,
  report: Report,
): Promise<{ evidence: string[]; debt: string[] }> {
  const found: { evidence: string[]; debt: string[] } = { evidence: [], debt: [] };
  // Both were stopped, and nothing is proven yet: what other managers their tables name is not this recovery's.
  if (!entries.replica(other.spec.node).isDone(journal) && !entries.proven.isDone(journal)) return found;
  const asked = await Promise.all([good, other].map(askIfThere));
  for (const name of strangersIn(asked, [good.spec.node, other.spec.node])) {
    if (asked.some((evidence) => evidence?.runningManagers.includes(name))) {
      found.debt.push(
        `${name} is back, with a third copy of every table. Stop it for good; the next up takes it out`,
      );
      continue;
    }
    report(`taking ${name} out of the tables: it is not of this pair`);
    await dropNode(good, name);
    found.evidence.push(`${name} was taken out of the tables: it is not of this pair and is down`);
  }
  return found;
}
