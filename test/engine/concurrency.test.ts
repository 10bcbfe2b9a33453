import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anySeed, counted, randomOf } from "./support/counts";
import { ProviderContest } from "./support/providerContest";
import { rigForThisFile } from "./support/recoveryRig";
import { STACK_RIVALRIES, StackContest } from "./support/stackContest";

/*
 * How many pairs: `npm run test:concurrency -- --pairs 500 --ups 20 [--seed N]`.
 */
const PAIRS = counted("pairs", 20);
const UPS = counted("ups", 1);
const SEED = counted("seed", anySeed());
const timeout = 7_200_000;

const rig = rigForThisFile({ storages: 1, gateways: 0 });

/** Runs one after the other and shows how it gets on. */
async function runAll(
  what: string,
  count: number,
  contest: { violations: { found: string[] }; tally: Record<string, number> },
  run: (number: number) => Promise<void>,
): Promise<void> {
  const started = performance.now();
  const say = (done: number) => {
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(
      `${done} of ${count} pairs of ${what}, ${contest.violations.found.length} violations, ${seconds} s`,
    );
  };
  for (let number = 0; number < count; number += 1) {
    if (number > 0 && number % (what === "ups" ? 1 : 20) === 0) say(number);
    await run(number);
  }
  say(count);
  for (const [kind, times] of Object.entries(contest.tally)) console.log(`  ${times} x ${kind}`);
}

describe(`two providers begin to recover one pair of managers at once (${PAIRS} times, seed ${SEED})`, () => {
  let contest: ProviderContest;
  beforeAll(async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
    contest = new ProviderContest(sandbox, randomOf(SEED));
  });
  afterAll(() => contest?.end());

  it("and each time exactly one proceeds, the other has changed nothing", { timeout }, async () => {
    await runAll("attempts", PAIRS, contest, (number) => contest.run(number));
    expect(contest.violations.found).toEqual([]);
  });
});

describe(`two stacks recover one pair of managers at once (${UPS} times, seed ${SEED})`, () => {
  let contest: StackContest;
  beforeAll(() => {
    contest = new StackContest(randomOf(SEED));
  });
  afterAll(() => contest?.end());

  it("and each time exactly one proceeds; the other, run again, ends right", { timeout }, async () => {
    // A single pair is of a kind that the seed chooses.
    const first = UPS < STACK_RIVALRIES.length ? SEED : 0;
    await runAll("ups", UPS, contest, async (number) => {
      const kind = STACK_RIVALRIES[(first + number) % STACK_RIVALRIES.length]!;
      await contest.run(await rig.begin(), number, kind);
    });
    expect(contest.violations.found).toEqual([]);
  });
});
