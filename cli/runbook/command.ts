import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { closeAll } from "../../remote";
import { settingsOf } from "../report/sources";

interface Options {
  cwd: string;
  stack?: string;
  settings?: string;
  cluster?: string;
  out: string;
}

const AFTER_HELP = `
Looks at both hosts, read-only, and writes the recovery of the settings as one POSIX shell script with this cluster's
values: to be read, signed off, and run step by step where Pulumi is not to be used. Each step has a check and an undo.`;

/** Adds `runbook` to the program: the recovery as a shell script to be read and run by a person. */
export function addRunbook(program: Command): void {
  program
    .command("runbook")
    .description("write the recovery of the settings as a shell runbook that needs no Pulumi")
    .option("--stack <name>", "the stack (default: the one that is selected)")
    .option("--cwd <directory>", "directory of the Pulumi project", ".")
    .option("--settings <file>", "a Pulumi.STACK.yaml without encrypted values, instead of asking pulumi")
    .option("--cluster <name>", "of several clusters in the settings")
    .option("--out <file>", "where it is written; never over an existing file", "runbook.sh")
    .addHelpText("after", AFTER_HELP)
    .action((options: Options) => run(options).finally(closeAll));
}

async function run({ cwd, cluster: named, out, ...source }: Options): Promise<void> {
  const file = resolve(out);
  if (existsSync(file))
    throw new Error(`${file} is there already; it is not written over. Give another name with --out FILE`);
  const { readClusters } = await import("../../recovery/settings/clusters");
  const { runbookOf } = await import("./write");
  const clusters = readClusters(await settingsOf({ directory: resolve(cwd), ...source }));
  const chosen = clusters.filter(({ name }) => named === undefined || name === named);
  const [cluster, second] = chosen;
  if (!cluster || second)
    throw new Error(
      `the settings have the clusters ${clusters.map(({ name }) => name).join(", ")}: name one of them with --cluster NAME`,
    );
  writeFileSync(file, await runbookOf(cluster), { flag: "wx", mode: 0o700 });
  process.stdout.write(`${file}\nRead it; then: sh ${file} list\n`);
}
