import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
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

/** How long, in ms, what is abandoned may take to notice. What it started meanwhile is ended all the same. */
const NOTICE_MS = 15_000;

/** One sandbox in one scenario at a time, and what is run on it. */
export class Worker {
  private hosts: FaultHosts | undefined;
  private stack: FaultStack | undefined;
  private before: Before | undefined;
  /** Directory of the sandbox that there is, or is being built. */
  private base: string | undefined;
  private doing: Promise<unknown> = Promise.resolve();
  private abandoned = false;

  constructor(
    private readonly processes: Processes,
    private readonly evidence: string,
    private readonly engine?: StackMaker,
  ) {}

  /** Records the operations of a run that nothing happens to. @throws when that run does not keep every promise. */
  record(scenario: Scenario): Promise<Operation[]> {
    return this.do(() => this.recordNow(scenario));
  }

  /** Runs a case; when the hosts themselves break (not the recovery), once more on new ones. */
  run(one: FaultCase): Promise<CaseResult> {
    return this.do(() => this.runNow(one));
  }

  async end(): Promise<void> {
    const { hosts, stack } = this;
    this.hosts = undefined;
    this.stack = undefined;
    await stack?.end();
    await hosts?.end();
  }

  /**
   * Ends what it does, wherever that is, and takes its sandbox down: for a process that ends now. What was asked of it is
   * never answered, so that nothing goes on from there.
   *
   * @throws with the command that takes down what could not be.
   */
  async abandon(): Promise<void> {
    this.abandoned = true;
    const { base } = this;
    try {
      await this.end();
      if (base === undefined) return;
      // What is being built, or put back, sees that its processes are gone.
      await FaultHosts.remove(base);
      await Promise.race([this.doing, new Promise((resolve) => setTimeout(resolve, NOTICE_MS))]);
      await FaultHosts.remove(base);
    } catch (error) {
      const by = `node dist/sandbox/cli.js down --directory ${join(base ?? "", "sandbox")}`;
      throw new Error(
        `a sandbox could not be taken down: ${(error as Error).message}. Do it by hand: ${by}; then remove ${base}`,
      );
    }
  }

  private do<T>(what: () => Promise<T>): Promise<T> {
    const done = what();
    this.doing = done.catch(() => undefined);
    return done.finally(() => (this.abandoned ? new Promise<never>(() => undefined) : undefined));
  }

  private async recordNow(scenario: Scenario): Promise<Operation[]> {
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

  private async runNow(one: FaultCase): Promise<CaseResult> {
    for (let attempt = 1; ; attempt += 1)
      try {
        const { hosts, stack, before } = await this.in(one.scenario);
        return await runCase(hosts, stack, before, one, this.evidence, this.engine !== undefined);
      } catch (error) {
        await this.end().catch(() => undefined);
        if (attempt === 2 || this.abandoned) return rigFailed(one, error as Error, this.engine !== undefined);
      }
  }

  private async in(scenario: Scenario) {
    if (this.hosts?.scenario !== scenario) {
      await this.end();
      this.base = await mkdtemp(join(tmpdir(), "leofs-recovery-faults-"));
      this.hosts = await FaultHosts.build(scenario, this.processes, this.base);
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
