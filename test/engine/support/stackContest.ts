import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../../sandbox";
import { inPlaceSettings, takeoverSettings } from "../../../sandbox/stackSettings";
import { type ClusterFacts, factsOf, type Rows, rowsOf } from "./clusterFacts";
import type { StackRun } from "./clustersStack";
import { type Rivalry, refusalIn, Violations } from "./contest";
import { OtherProcess } from "./otherProcess";

/** A recovery that two operators begin at once, how their stacks differ, and why the second one is refused afterwards. */
export interface StackRivalry {
  recovery: "takeover" | "in place";
  rivalry: Rivalry;
  /** Undefined: the second one, run again afterwards, adopts what the first one did. */
  afterwards?: RegExp;
}

const ANOTHER_PARTNER = /has the partner manager_2@\S+, not manager_0@\S+, which is called lost/;

export const STACK_RIVALRIES: readonly StackRivalry[] = [
  { recovery: "takeover", rivalry: "the same incident" },
  { recovery: "takeover", rivalry: "another incident", afterwards: ANOTHER_PARTNER },
  { recovery: "in place", rivalry: "the same incident" },
  { recovery: "in place", rivalry: "another incident", afterwards: /it is not damaged, so nothing is to be/ },
  { recovery: "takeover", rivalry: "another backup directory", afterwards: ANOTHER_PARTNER },
];

type Settings = Record<string, unknown> & { incident: string };

/** Two stacks, each with an engine and an operator's process of its own, that recover one pair of managers at once. */
export class StackContest {
  readonly violations = new Violations();
  readonly tally: Record<string, number> = {};
  private readonly operators = [startOperator(), startOperator()];

  constructor(private readonly random: () => number) {}

  end(): Promise<unknown> {
    return Promise.all(
      this.operators.map(async (one) => {
        await one.ask("forget").catch(() => undefined);
        await one.kill();
      }),
    );
  }

  /** One pair of `up`s in a sandbox that is as it was built. */
  async run(sandbox: Sandbox, number: number, kind: StackRivalry): Promise<void> {
    const name = `${kind.recovery}, ${kind.rivalry}`;
    this.violations.within(`ups ${number}, ${name}`);
    this.tally[name] = (this.tally[name] ?? 0) + 1;
    const [good, pair] = await breakPair(sandbox, kind);
    const before = await rowsOf(sandbox, good);
    const settings = settingsOf(sandbox, kind);
    for (const [index, one] of this.operators.entries()) {
      await one.ask("forget");
      await one.ask("configure", { production: settings[index] });
    }
    const runs = await Promise.all(
      this.operators.map(async (one, index) => {
        await new Promise((resolve) => setTimeout(resolve, index * 1500 * this.random()));
        return one.ask<StackRun>("up");
      }),
    );
    const winner = runs.findIndex(({ succeeded }) => succeeded);
    const succeeded = runs.filter((run) => run.succeeded).length;
    const said = runs.map(({ errors }) => errors.join(" ") || "succeeded").join("; ");
    this.violations.require(succeeded === 1, `${succeeded} succeeded: ${said}`);
    if (succeeded !== 1) return;
    this.checkRefusal(runs[1 - winner]!, settings[winner]!);
    const facts = await factsOf(sandbox);
    this.checkWhole(runs[winner]!, facts, before);
    if (kind.rivalry !== "the same incident") this.checkNothingLeft(sandbox, pair, settings[1 - winner]!);
    await this.again(sandbox, 1 - winner, kind, facts);
  }

  private checkRefusal({ errors }: StackRun, won: Settings): void {
    const refusal = errors.map(refusalIn).find((one) => one !== undefined);
    this.violations.require(refusal !== undefined, `the refusal is not complete: ${errors.join("; ")}`);
    this.violations.require(refusal?.incident === `production/${won.incident}`, "it names another incident");
  }

  private checkWhole({ outcome }: StackRun, facts: ClusterFacts, before: Rows): void {
    this.violations.require(outcome.production?.verdict === "recovered", "it is not recovered");
    const managers = Object.values(facts.managers);
    this.violations.require(managers.length === 2, `${managers.length} managers run`);
    for (const { node, rows, tablesOnDisc } of managers) {
      this.violations.require(tablesOnDisc === 22, `${node} has ${tablesOnDisc} tables on its disc`);
      for (const [table, expected] of Object.entries(before))
        this.violations.require(
          JSON.stringify(rows[table]) === JSON.stringify(expected),
          `${node} does not have the rows of ${table} that were there before`,
        );
    }
  }

  private checkNothingLeft(sandbox: Sandbox, pair: string[], lost: Settings): void {
    const left = pair
      .map((name) => join(backupsOf(sandbox.manager(name).backups, lost), `production-${lost.incident}`))
      .filter((place) => existsSync(place));
    this.violations.require(left.length === 0, `the one who was refused left ${left.join(" and ")}`);
  }

  /** The one who was refused runs again, now that the other is done: nothing on any host changes by it. */
  private async again(
    sandbox: Sandbox,
    loser: number,
    { afterwards }: StackRivalry,
    facts: ClusterFacts,
  ): Promise<void> {
    const { succeeded, errors, outcome } = await this.operators[loser]!.ask<StackRun>("up");
    const text = errors.join("\n");
    if (afterwards) {
      this.violations.require(!succeeded && afterwards.test(text), `run again it says: ${text}`);
      this.violations.require(text.includes("is refused, nothing was changed"), `it is no refusal: ${text}`);
    } else
      this.violations.require(
        succeeded && outcome.production?.verdict === "recovered",
        `run again it does not adopt what was done: ${text}`,
      );
    const same = JSON.stringify(await factsOf(sandbox)) === JSON.stringify(facts);
    this.violations.require(same, "run again it changed something");
  }
}

const startOperator = () => OtherProcess.start(join(__dirname, "operator.ts"));

/** Breaks the pair. Gives the manager with the data, and the two that the recovery works on. */
async function breakPair(sandbox: Sandbox, { recovery }: StackRivalry): Promise<[string, string[]]> {
  if (recovery === "in place") {
    await sandbox.damage("slave");
    return ["manager_0", ["manager_0", "manager_1"]];
  }
  await sandbox.lose("master");
  await sandbox.spare();
  return ["manager_1", ["manager_1", "manager_2"]];
}

/** The settings of the two stacks. */
function settingsOf(sandbox: Sandbox, { recovery, rivalry }: StackRivalry): Settings[] {
  const make = (incident: string) =>
    (recovery === "takeover"
      ? takeoverSettings(sandbox.description, incident)
      : inPlaceSettings(sandbox.description, incident, "slave")) as Settings;
  const one = make("outage");
  if (rivalry === "the same incident") return [one, one];
  if (rivalry === "another incident") return [one, make("outage-other")];
  const text = JSON.stringify(one).replaceAll(/("backupDirectory":"[^"]*)"/g, `$1${ELSEWHERE}"`);
  return [one, JSON.parse(text) as Settings];
}

const ELSEWHERE = "-other";
const backupsOf = (backups: string, settings: Settings): string =>
  JSON.stringify(settings).includes(`${backups}${ELSEWHERE}"`) ? `${backups}${ELSEWHERE}` : backups;
