import { messageOf } from "../../remote/errors";
import { type Look, type Report, waitFor } from "../../remote/wait";
import type { Manager } from "../manager/manager";
import { dropNode, replicaFacts } from "./replicaTables";

/** How long the serving manager may take to notice that a VM is gone: at once when its connection closes. */
const NOTICE_SECONDS = 90;

/**
 * Takes a replica that was not made back, and says who serves then. Never throws: it is said behind the failure that led here.
 *
 * @param moving a manager that is stopped once the replica is whole; undefined: there is none
 */
export async function takenBack(
  serving: Manager,
  node: string,
  moving: string | undefined,
  report: Report,
): Promise<string> {
  try {
    await takeOut(serving, node, report);
  } catch (problem) {
    return `${node} could not be taken out of the tables of ${serving.spec.node} again (${messageOf(problem)}).`;
  }
  return servesWithout(serving, node, moving).catch(
    (problem: unknown) =>
      `${node} was taken out of the tables of ${serving.spec.node} again, which does not answer any more (${messageOf(problem)}).`,
  );
}

async function servesWithout(serving: Manager, node: string, moving: string | undefined): Promise<string> {
  const { running } = await replicaFacts(serving);
  return moving === undefined || running.includes(moving)
    ? `${serving.spec.node} serves as before, without ${node}.`
    : `${serving.spec.node} serves alone: ${moving} is stopped by now, and ${node} was taken out again. To have ${moving} back instead: rollback: true.`;
}

/** Takes a node out of the serving manager's schema and tables, once its Mnesia is seen to be down. */
export async function takeOut(serving: Manager, node: string, report: Report): Promise<void> {
  const before = await replicaFacts(serving);
  if (!before.known.includes(node)) return;
  await waitFor(
    serving.host.clock,
    `${serving.spec.node} to see that ${node} is down`,
    NOTICE_SECONDS,
    async (): Promise<Look<true>> => {
      const { running } = await replicaFacts(serving);
      return running.includes(node) ? { waiting: `its Mnesia runs` } : { done: true };
    },
    report,
  );
  report(`taking ${node} out of the tables of ${serving.spec.node}`);
  await dropNode(serving, node);
}
