import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { commandLine, wholeNumber } from "../../test/commandLine";
import { runCampaign } from "./campaign";

const HELP = `npm run test:quoting -- [OPTIONS]     random values through every shell of this machine, by every way

  --values N     how many (1000000)
  --seed N       which (default: new; it is printed)
  --help`;

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: { values: { type: "string", default: "1000000" }, seed: { type: "string" } },
  });
  const seed = values.seed === undefined ? randomInt(2 ** 31) : wholeNumber("seed", values.seed, 0);
  return { values: wholeNumber("values", values.values), seed };
}

function main({ values, seed }: ReturnType<typeof readArguments>): number {
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
  return 0;
}

void commandLine(HELP, readArguments, main);
