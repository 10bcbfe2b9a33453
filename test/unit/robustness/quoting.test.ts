import { randomInt } from "node:crypto";
import { expect, it } from "vitest";
import { runCampaign } from "../../../robustness/quoting/campaign";
import { shells } from "../support/shells";

it("thousands of random values reach a script by every way and through every shell as they are, and none runs", () => {
  const seed = randomInt(2 ** 31);
  console.log(`seed ${seed}: npm run test:quoting -- --values 4000 --seed ${seed}`);
  const { passages, ways } = runCampaign({ values: 4000, seed });
  expect(passages).toBe(4000 * ways.length * shells.length);
});
