import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { RecoveryCheckInputs } from "../../../providers/check/recoveryCheckTypes";
import { incidentDirectory, type ManagerTarget } from "../../../providers/targets/arguments";
import type { Sandbox } from "../../../sandbox";
import { RIVALRIES, type Rivalry, refusalIn, Violations } from "./contest";
import { OtherProcess } from "./otherProcess";
import { takeoverInputs } from "./refusalRig";
import type { Attempt } from "./rivalProvider";

const PAIR = ["manager_1", "manager_2"];

/**
 * Two provider hosts that begin to recover the same pair of managers at once: `begin` is the check, whole;
 * `lock` the lock alone, as steps that resume take it. The sandbox has lost `manager_0`, and `manager_2` is the spare.
 */
export class ProviderContest {
  readonly violations = new Violations();
  /** How often each kind was run. */
  readonly tally: Record<string, number> = {};
  private readonly rivals = [startRival(), startRival()];

  constructor(
    private readonly sandbox: Sandbox,
    private readonly random: () => number,
  ) {}

  end(): Promise<unknown> {
    return Promise.all(this.rivals.map((one) => one.kill()));
  }

  /** One pair of attempts; in every tenth the one who proceeds is killed, and it is seen who may go on then. */
  async run(number: number): Promise<void> {
    const rivalry = RIVALRIES[number % RIVALRIES.length]!;
    const step = Math.floor(number / RIVALRIES.length) % 2 === 0 ? "begin" : "lock";
    this.violations.within(`pair ${number}, ${rivalry}, ${step}`);
    this.count(`${rivalry}, ${step}`);
    const inputs = this.inputsOf(rivalry, number);
    if (this.random() < 0.5) inputs.reverse();
    const attempts = await Promise.all(
      this.rivals.map(async (one, index) => {
        // Within the time that a claim needs, so that any order of their commands on the hosts comes up.
        await new Promise((resolve) => setTimeout(resolve, index * 40 * this.random()));
        return one.ask<Attempt>(step, inputs[index]);
      }),
    );
    const proceeded = attempts.filter(({ refused }) => refused === undefined).length;
    const said = attempts.map(({ refused }) => refused ?? "proceeded").join("; ");
    this.violations.require(proceeded === 1, `${proceeded} proceeded: ${said}`);
    const winner = attempts.findIndex(({ refused }) => refused === undefined);
    if (proceeded === 1) {
      const [won, lost] = [inputs[winner]!, inputs[1 - winner]!];
      this.checkLoser(winner, won, attempts[1 - winner]!);
      await this.checkHosts(rivalry, step, won, lost);
      if (number % 10 === 0) return this.succession(winner, lost, step);
    }
    for (const [index, { refused }] of attempts.entries())
      if (refused === undefined) await this.rivals[index]!.ask("release", inputs[index]);
    this.violations.require((await this.lockFiles()).length === 0, "lock files are left");
  }

  private count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }

  private inputsOf(rivalry: Rivalry, number: number): RecoveryCheckInputs[] {
    const names = { lost: "manager_0", survivor: "manager_1", replacement: "manager_2" };
    const one = { ...takeoverInputs(this.sandbox, names), incident: `pair-${number}` };
    const [survivor, replacement] = one.managers;
    const moved = (target: ManagerTarget) => ({
      ...target,
      backupDirectory: `${target.backupDirectory}-other`,
    });
    const elsewhere: RecoveryCheckInputs = {
      ...one,
      managers: [moved(survivor), moved(replacement)],
    };
    const others: Record<Rivalry, RecoveryCheckInputs> = {
      "the same incident": one,
      "another incident": { ...one, incident: `${one.incident}-other` },
      "another backup directory": elsewhere,
    };
    return [one, others[rivalry]];
  }

  /** Refused with who, from where, since when and the way out, before anything was begun. */
  private checkLoser(winner: number, won: RecoveryCheckInputs, lost: Attempt): void {
    const refusal = refusalIn(lost.refused!);
    const { violations } = this;
    violations.require(refusal !== undefined, `the refusal is not complete: ${lost.refused}`);
    violations.require(refusal?.pid === this.rivals[winner]!.pid, "the refusal names another process");
    violations.require(refusal?.incident === `production/${won.incident}`, "... another incident");
    violations.require(!lost.begun, "the one who was refused has begun");
  }

  /** What lies on the hosts is what one recovery alone leaves there. */
  private async checkHosts(
    rivalry: Rivalry,
    step: string,
    won: RecoveryCheckInputs,
    lost: RecoveryCheckInputs,
  ): Promise<void> {
    if (rivalry !== "the same incident") {
      const left = placesOf(lost).filter((place) => existsSync(place));
      this.violations.require(left.length === 0, `the one who was refused left ${left.join(" and ")}`);
    }
    if (step !== "begin") return;
    const [place] = placesOf(won);
    const there = (await readdir(place!)).sort().join();
    this.violations.require(there === "journal", `there is ${there}, expected the journal`);
  }

  /** The winner is killed before it did anything beyond its check: whoever comes next goes on at once. */
  private async succession(winner: number, lost: RecoveryCheckInputs, step: string): Promise<void> {
    const heir = this.rivals[1 - winner]!;
    await this.rivals[winner]!.kill();
    this.rivals[winner] = startRival();
    const { refused } = await heir.ask<Attempt>(step, lost);
    this.violations.require(refused === undefined, `it was not followed up: ${refused}`);
    this.count("a killed run followed up");
    await heir.ask("release", lost);
    this.violations.require((await this.lockFiles()).length === 0, "lock files are left");
  }

  private async lockFiles(): Promise<string[]> {
    const works = PAIR.map((name) => join(this.sandbox.manager(name).home, "work"));
    const names = await Promise.all(works.map((work) => readdir(work).catch((): string[] => [])));
    return names.flat().filter((name) => name.startsWith("leofs-recovery.lock"));
  }
}

const startRival = () => OtherProcess.start(join(__dirname, "rivalProvider.ts"));

/** Where a recovery keeps its backups and its journal, on each of its hosts. */
const placesOf = (inputs: RecoveryCheckInputs) =>
  inputs.managers.map((target) => incidentDirectory(target, inputs));
