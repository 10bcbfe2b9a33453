import { script } from "../../remote/script";

/** Prints the process ids of a manager's VM, the only proof that it runs. */
export const FIND_PROCESSES = script("leofs/manager/scripts/find-processes.sh");

/** Prints the process ids of a start that is under way. */
export const FIND_START = script("leofs/manager/scripts/find-start.sh");
