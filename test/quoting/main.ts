import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runCampaign } from "./campaign";

/** `npm run test:quoting -- --values 1000000 --seed 42`: random values through the shells of this machine. */
function main(): void {
  const { values: given } = parseArgs({
    options: { values: { type: "string", default: "1000000" }, seed: { type: "string" } },
  });
  const values = Number(given.values);
  const seed = Number(given.seed ?? randomInt(2 ** 31));
  if (!Number.isInteger(values) || values < 1 || !Number.isInteger(seed))
    throw new Error("usage: npm run test:quoting -- [--values N] [--seed N]");
  console.log(`${values} values, seed ${seed}`);
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  let told = 0;
  const result = runCampaign({
    values,
    seed,
    progress(done) {
      if (done - told < values / 20 && done < values) return;
      told = done;
      console.log(`${done} values, ${seconds()} s`);
    },
  });
  console.log(
    `${result.values} values by ${result.ways.length} ways through ${result.shells.join(", ")}: ` +
      `${result.passages} passages in ${seconds()} s, none run, none changed`,
  );
  for (const way of result.ways) console.log(`  - ${way}`);
}

main();
