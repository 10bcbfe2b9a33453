import { join } from "node:path";
import { FaultHosts } from "./faultHosts";
import { type Before, brokenPromises, lookBefore } from "./invariants";
import type { Operation } from "./operations";
import type { Processes } from "./processes";
import { type CaseResult, caseId, type FaultCase, runCase, runUp } from "./runCase";
import { isOnline, type Scenario, settingsOf } from "./scenarios";
import { type FaultStack, stackWithoutEngine } from "./ups";
import { stoppedServing, watchServing } from "./watcher";

/** Makes a stack for the hosts; the directory is its own. */
export type StackMaker = (directory: string, clusters: Record<string, unknown>) => Promise<FaultStack>;

/** One sandbox in one scenario at a time, and what is run on it. */
export class Worker {
  private hosts: FaultHosts | undefined;
  private stack: FaultStack | undefined;
  private before: Before | undefined;

  constructor(
    private readonly processes: Processes,
    private readonly evidence: string,
    private readonly engine?: StackMaker,
  ) {}

  /** Records the operations of a run that nothing happens to. @throws when that run does not keep every promise. */
  async record(scenario: Scenario): Promise<Operation[]> {
    const { hosts, stack, before } = await this.in(scenario);
    await hosts.restore();
    await stack.reset();
    const unwatch = isOnline(scenario) ? await watchServing(hosts) : undefined;
    const up = await runUp(hosts, stack);
    const watched = await unwatch?.();
    const broken = await brokenPromises(hosts, before, up, watched);
    if (watched) broken.push(...stoppedServing(watched));
    if (broken.length > 0)
      throw new Error(`a run of ${scenario} without any fault: ${broken.map(({ what }) => what).join("\n")}`);
    return hosts.gate.asked;
  }

  /** Runs a case; when the hosts themselves break (not the recovery), once more on new ones. */
  async run(one: FaultCase): Promise<CaseResult> {
    for (let attempt = 1; ; attempt += 1)
      try {
        const { hosts, stack, before } = await this.in(one.scenario);
        return await runCase(hosts, stack, before, one, this.evidence, this.engine !== undefined);
      } catch (error) {
        await this.end().catch(() => undefined);
        if (attempt === 2) return rigFailed(one, error as Error, this.engine !== undefined);
      }
  }

  async end(): Promise<void> {
    const { hosts } = this;
    this.hosts = undefined;
    await this.stack?.end();
    await hosts?.end();
  }

  private async in(scenario: Scenario) {
    if (this.hosts?.scenario !== scenario) {
      await this.end();
      this.hosts = await FaultHosts.build(scenario, this.processes);
      await this.hosts.restore();
      this.before = await lookBefore(this.hosts);
      const make =
        this.engine ??
        ((directory, clusters) => stackWithoutEngine(this.processes.upWithoutEngine, directory, clusters));
      const { sandbox, workDirectory } = this.hosts;
      this.stack = await make(join(workDirectory, "stack"), settingsOf(sandbox, scenario));
    }
    return { hosts: this.hosts!, stack: this.stack!, before: this.before! };
  }
}

const rigFailed = (one: FaultCase, error: Error, engine: boolean): CaseResult => ({
  id: caseId(one),
  scenario: one.scenario,
  fault: one.fault,
  duration: one.duration,
  status: "failed",
  problems: [`the hosts of the test themselves: ${error.stack ?? error.message}`],
  ups: [],
  struck: 0,
  engine,
  seconds: 0,
});
