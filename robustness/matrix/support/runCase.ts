import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { paths } from "../../../sandbox/layout";
import type { Broken } from "./broken";
import type { FaultHosts } from "./faultHosts";
import { type Duration, type Fault, isOfEngine, MOST_KILLS, type PlannedFault } from "./faults";
import { type Before, brokenPromises, changedBackups, publishedNow } from "./invariants";
import { type Operation, operationId } from "./operations";
import { isOnline, type Scenario } from "./scenarios";
import type { FaultStack, UpResult } from "./ups";
import { stoppedServing, type Watched, watchServing } from "./watcher";

/** One case of the matrix. */
export interface FaultCase extends PlannedFault {
  scenario: Scenario;
}

/** Names a case; the same in every run of the matrix. */
export const caseId = ({ scenario, operation, fault, duration }: FaultCase): string =>
  [scenario, operationId(operation), fault, duration].join("/");

/** How a case ended. `not reached`: the operation did not come up this time; such a case counts for nothing. */
export type CaseStatus = "converged" | "lost" | "failed" | "not reached";

export interface CaseResult {
  id: string;
  scenario: Scenario;
  fault: Fault;
  duration: Duration;
  status: CaseStatus;
  problems: string[];
  /** How the runs ended, in their order; the last is the one after the fault. */
  ups: string[];
  /** How often the fault happened. */
  struck: number;
  engine: boolean;
  seconds: number;
  /** Online: the longest time, in ms, in which the serving manager gave no answer to a client that asks all the time. */
  pauseMs?: number;
}

/** Milliseconds after which an operator ends a run that hangs: longer than the product's own limits for a silent host. */
const PATIENCE_MS = 60_000;
/** Milliseconds after which any run is ended. */
const LIMIT_MS = 240_000;

/** One `up` with a fault planned, or none; bounded. */
export async function runUp(hosts: FaultHosts, stack: FaultStack, plan?: PlannedFault): Promise<UpResult> {
  const running = stack.up();
  hosts.gate.begin(plan, async (fault) => (await running).kill("by the fault", fault));
  const up = await running;
  const limit = setTimeout(() => void up.kill("by the operator"), LIMIT_MS);
  let patience: NodeJS.Timeout | undefined;
  hosts.gate.whenStalled = () => {
    patience ??= setTimeout(() => void up.kill("by the operator"), PATIENCE_MS);
  };
  try {
    return await up.result;
  } finally {
    clearTimeout(limit);
    clearTimeout(patience);
  }
}

/** In how many runs of a case a lasting fault kills at most; 0: it kills nothing. */
const killsOf = (fault: Fault): number =>
  isOfEngine(fault) ? MOST_KILLS : fault.startsWith("killed") ? 2 : 0;

const said = ({ succeeded, killed, errors }: UpResult): string =>
  succeeded
    ? "succeeded"
    : killed === "no"
      ? `failed: ${errors.join("; ").slice(0, 300)}`
      : `killed ${killed}`;

/** Runs one case from a fresh situation and judges it. `evidence`: directory for what a failing case leaves. */
export async function runCase(
  hosts: FaultHosts,
  stack: FaultStack,
  before: Before,
  one: FaultCase,
  evidence: string,
  engine = false,
): Promise<CaseResult> {
  const began = performance.now();
  await hosts.restore();
  await stack.reset();
  const ups: UpResult[] = [];
  const traces: Operation[][] = [];
  const broken: Broken[] = [];
  const run = async (plan?: PlannedFault) => {
    const earlier = await publishedNow(hosts);
    ups.push(await runUp(hosts, stack, plan));
    traces.push(hosts.gate.asked);
    broken.push(...changedBackups(earlier, await publishedNow(hosts)));
  };
  const unwatch = isOnline(one.scenario) ? await watchServing(hosts) : undefined;
  let watched: Watched | undefined;
  try {
    await run(one);
    if (one.duration === "lasting")
      for (let killed = 1; killed < killsOf(one.fault) && hosts.gate.struck === killed; killed += 1)
        await run(one);
    if (hosts.gate.struck > 0) {
      await hosts.gate.lift();
      await run();
    }
  } finally {
    watched = await unwatch?.();
  }
  const { struck } = hosts.gate;
  if (struck > 0) {
    broken.push(...(watched ? stoppedServing(watched) : []));
    broken.push(...(await brokenPromises(hosts, before, ups.at(-1)!, watched)));
  }
  const status =
    struck === 0
      ? "not reached"
      : broken.some(({ kind }) => kind === "lost")
        ? "lost"
        : broken.length > 0
          ? "failed"
          : "converged";
  const result: CaseResult = {
    id: caseId(one),
    scenario: one.scenario,
    fault: one.fault,
    duration: one.duration,
    status,
    problems: broken.map(({ what }) => what),
    ups: ups.map(said),
    struck,
    engine,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    ...(watched && { pauseMs: Math.round(watched.longestPauseMs) }),
  };
  if (broken.length > 0) await keep(hosts, evidence, result, ups, traces);
  return result;
}

/** Keeps what a failing case left: its runs, the operations in their order, every file of the hosts. */
async function keep(
  hosts: FaultHosts,
  evidence: string,
  result: CaseResult,
  ups: UpResult[],
  traces: Operation[][],
): Promise<void> {
  const directory = join(evidence, result.id.replaceAll(/[^\w.@#~-]+/g, "_"));
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const executed = hosts.gate.executed.map(({ operation, args, said }) => ({
    operation: operationId(operation),
    args,
    said: said.slice(0, 1000),
  }));
  const story = { result, ups, asked: traces.map((trace) => trace.map(operationId)), executed };
  await writeFile(join(directory, "case.json"), JSON.stringify(story, undefined, 1));
  for (const name of hosts.names)
    await cp(paths.host(hosts.sandbox.directory, name), join(directory, name), {
      recursive: true,
      dereference: false,
      filter: (path) => !path.endsWith("/ssh") && !path.includes("/erts-"),
    }).catch(() => undefined);
}
