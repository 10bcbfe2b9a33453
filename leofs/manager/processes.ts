import { script } from "../../remote/script";
import type { LookedAt } from "./lookedAt";

type OnHost = Pick<LookedAt, "host" | "spec">;

/** Prints the process ids of a manager's VM, the only proof that it runs. */
export const FIND_PROCESSES = script("leofs/manager/scripts/find-processes.sh");

/** Prints the process ids of a start that is under way. */
const FIND_START = script("leofs/manager/scripts/find-start.sh");

/** Whether the manager's VM is in its host's process table. */
export async function findProcesses({ host, spec: { node, home } }: OnHost): Promise<boolean> {
  const { stdout } = await host.run(FIND_PROCESSES, { node, home }, { timeoutMs: 10_000 });
  return stdout.trim() !== "";
}

/** Whether a start of the manager is under way. */
export async function findStart({ host, spec: { home } }: OnHost): Promise<boolean> {
  const { stdout } = await host.run(FIND_START, { home }, { timeoutMs: 10_000 });
  return stdout.trim() !== "";
}
