import type { Operation } from "./operations";

/** What is done to an operation. Each is real: signals, a tmpfs without room, a user without rights. */
export const FAULTS = [
  /** The process that runs the providers is killed (-9) before the operation is run. */
  "killed-before",
  /** It is killed when the operation was run, before its reply is out. */
  "killed-after",
  /** The operation is run, its reply thrown away, and the connection ends. */
  "reply-lost",
  /** The sshd process of the connection is killed before the operation is run. */
  "reset",
  /** One-shot: the operation stalls and is carried out when the fault is lifted. Lasting: sshd stops answering (SIGSTOP). */
  "hang",
  /** The host's file system has no block left. */
  "disk-full",
  /** The operation is run by an ordinary user, who may not read or write what is LeoFS's. */
  "denied",
  /** The host's file system has one block left (4 KiB). */
  "short-write",
  /** The VMs that ask nodes from the operation's host are killed (-9) before it; the operation is run. */
  "asker-killed",
  /** They hang (SIGSTOP). */
  "asker-hung",
  /** What stands between them and their connection stops: nothing comes through any more, and neither side is told. */
  "asker-cut",
  /** The temporary VM that takes a replica is killed (-9) before the operation, on whichever host it is; the operation is run. */
  "replica-killed",
  /** It hangs (SIGSTOP). */
  "replica-hung",
  /** What stands between it and its connection stops, as with `asker-cut`. */
  "replica-cut",
  /** The `pulumi` that runs the recovery gets SIGKILL, and it alone; the operation is run. The next comes after `pulumi cancel`. */
  "cli-kill",
  /** SIGTERM, to it alone. */
  "cli-term",
  /** SIGINT, to it alone. */
  "cli-int",
  /** The same three to its process group, as a terminal or a supervisor sends them. */
  "cli-kill-group",
  "cli-term-group",
  "cli-int-group",
] as const;

export type Fault = (typeof FAULTS)[number];

/**
 * `once`: at that operation alone. `lasting`: from it on, at every operation of that host, until the run is over; for
 * a killed process: in two runs, one after the other; for a killed engine: again in each further run, a little later each
 * time, up to `MOST_KILLS` runs.
 */
export const DURATIONS = ["once", "lasting"] as const;
export type Duration = (typeof DURATIONS)[number];

/** How many runs of one case lose their engine at most. */
export const MOST_KILLS = 6;

/** A further run loses its engine at this operation of those that no run before it came to: so each gets on a little. */
export const LATER_BY = 3;

/** One fault at one operation. */
export interface PlannedFault {
  operation: Operation;
  fault: Fault;
  duration: Duration;
}

/** A fault of the engine's own process: for runs through the real engine. */
export const isOfEngine = (fault: Fault): boolean => fault.startsWith("cli-");

/** Which signal such a fault is, and whether the whole process group gets it. */
export function signalOf(fault: Fault): { signal: NodeJS.Signals; group: boolean } {
  const signals: Record<string, NodeJS.Signals> = { kill: "SIGKILL", term: "SIGTERM", int: "SIGINT" };
  return { signal: signals[fault.split("-")[1]!]!, group: fault.endsWith("-group") };
}

/** A fault of the VMs that ask nodes. */
export const isOfAsker = (fault: Fault): boolean => fault.startsWith("asker-");

/** A fault of the temporary VM that takes a replica. */
export const isOfReplica = (fault: Fault): boolean => fault.startsWith("replica-");

/** Operations that read and write no file themselves. */
const WITHOUT_FILES: readonly Operation["kind"][] = ["open", "question"];

/**
 * Whether a fault can do something to such an operation: a VM can suffer only where one is up.
 */
export function applies(
  { kind, asking, replicating }: Pick<Operation, "kind" | "asking" | "replicating">,
  fault: Fault,
  duration: Duration,
): boolean {
  if (isOfAsker(fault)) return asking === true;
  if (isOfReplica(fault)) return replicating === true;
  return duration === "lasting" || !WITHOUT_FILES.includes(kind) || !NEEDS_ROOT.includes(fault);
}

/** Faults that need root: mounting a tmpfs, and a user to fall back to. */
export const NEEDS_ROOT: readonly Fault[] = ["disk-full", "denied", "short-write"];
