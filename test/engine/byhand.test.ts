import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Processes, translateProcesses } from "../../robustness/matrix/support/processes";
import { anySeed, counted } from "./support/counts";
import { type HandCase, handCase, NAMED_CASES, runHandCase, textOf } from "./support/handCase";
import { rigForThisFile } from "./support/recoveryRig";

/*
 * A recovery that breaks, an operator who does something by hand, and the tool again: never a row lost, never a false
 * "recovered". `npm run test:byhand -- --named 10 --cases 100 --seed 1` runs ten cases that are written down and the cases
 * 1 to 100 that seeds make; each is repeated by its seed.
 */
const NAMED = counted("named", 2);
const CASES = counted("cases", 1);
const SEED = counted("seed", anySeed());

const rig = rigForThisFile({ storages: 1, gateways: 0, users: 3 });
let directory: string;
let processes: Processes;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-byhand-"));
  processes = await translateProcesses(directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const cases: HandCase[] = [
  ...NAMED_CASES.slice(0, NAMED),
  ...Array.from({ length: CASES }, (_, number) => handCase(SEED + number)),
];

describe(`a recovery interrupted and gone on with by hand (${cases.length} cases, seed ${SEED})`, () => {
  it("ends whole, or refused with a way out that helps", { timeout: 7_200_000 }, async () => {
    const ends: Record<string, number> = {};
    const wrong: string[] = [];
    for (const [number, one] of cases.entries()) {
      const began = performance.now();
      const { how, said } = await runHandCase(await rig.begin(), one, processes.upWithoutEngine);
      ends[how] = (ends[how] ?? 0) + 1;
      const seconds = Math.round((performance.now() - began) / 1000);
      const text = [`${textOf(one)}: ${how}, ${seconds} s`, ...said.map((line) => `    ${line}`)].join("\n");
      console.log(`${number + 1}/${cases.length} ${text}`);
      if (how === "VIOLATION") wrong.push(text);
    }
    console.log(JSON.stringify(ends));
    expect(wrong).toEqual([]);
  });
});
