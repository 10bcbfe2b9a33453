import { type Look, type Report, waitFor } from "../../../remote/wait";
import { entries } from "../../incident/entries";
import type { Manager } from "../../manager/manager";
import { compareDumps, type Dump, describeDifferences } from "../../mnesia/dump";
import { withDump } from "../compare";
import { tell } from "../followers";
import { untilServes } from "../serveFirst";
import { usersWrites } from "../usersWrites";
import { again, nodeOf, type RollbackSide, type RollbackSides } from "./rollbackState";

/** Starts who was running before, the one with the data first, and proves that it serves what it had. */
export async function startAsBefore(
  sides: RollbackSides,
  expected: Dump | undefined,
  report: Report,
): Promise<string[]> {
  const evidence: string[] = [];
  for (const side of [sides.good, sides.other]) {
    if (!side.before.running) {
      evidence.push(`${nodeOf(side)} is down, as before`);
      continue;
    }
    report(`starting ${nodeOf(side)}`);
    await side.manager.start();
    evidence.push(`${nodeOf(side)} runs, as before`);
  }
  const { good } = sides;
  if (!good.before.running) return evidence;
  const manager = await again(good);
  await untilServes(manager, report).catch((error: Error) => {
    const { spec, host } = manager;
    const { lost } = entries.check.done(good.journal) ?? {};
    const last = lost
      ? ` It waits for the manager that was the last to run, if it waits. If ${lost} was, have that one run until ${spec.node} serves.`
      : "";
    throw new Error(
      `${error.message}. Everything else was put back, and what was moved aside for that is kept beside the Mnesia directories.${last} The reason is in ${spec.home}/log/app/error on ${host.label}. Mend it, then run pulumi up again.`,
    );
  });
  if (expected) evidence.push(await proveRows(manager, expected));
  evidence.push(...(await returnFollowers(manager, good.before.followers, report)));
  return evidence;
}

async function proveRows(manager: Manager, expected: Dump): Promise<string> {
  const comparison = usersWrites(await withDump(manager, (actual) => compareDumps(expected, actual))).rest;
  if (!comparison.equal)
    throw new Error(
      `${manager.spec.node} does not hold what was backed up:\n${describeDifferences(comparison)
        .map((line) => `  - ${line}`)
        .join(
          "\n",
        )}\nIts files were put back as they were, and every backup is kept. See who wrote to it meanwhile, then run pulumi up again: it looks once more.`,
    );
  return `${manager.spec.node} holds every row of the backup: ${comparison.tables} tables, ${comparison.rows} rows`;
}

/** Nodes that the recovery had told the new pair are told the old one again. */
async function returnFollowers(
  manager: Manager,
  before: RollbackSide["before"]["followers"],
  report: Report,
): Promise<string[]> {
  const strays = async () => {
    const { nodes } = await manager.evidence();
    return before.filter(({ node, follows }) =>
      nodes.some((one) => one.node === node && one.answers && one.follows?.join() !== follows.join()),
    );
  };
  const told = await strays();
  for (const { node, type, follows } of told) {
    report(`telling ${node} its managers from before`);
    await tell(manager, { node, type }, follows);
  }
  if (told.length > 0)
    await waitFor(
      manager.host.clock,
      "every node to follow its managers from before",
      30,
      async (): Promise<Look<true>> => {
        const left = await strays();
        return left.length === 0 ? { done: true } : { waiting: left.map(({ node }) => node).join(", ") };
      },
    );
  return told.map(({ node, follows }) => `${node} follows ${follows.join(" and ")} again, as it said itself`);
}
