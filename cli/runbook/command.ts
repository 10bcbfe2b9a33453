import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { closeAll } from "../../remote/ssh/pool";
import { mustBeNew } from "../shared/newFile";
import { settingsOf } from "../shared/sources";
import { type StackOptions, sourceOf, withStackOptions } from "../shared/stackOptions";

interface Options extends StackOptions {
  cluster?: string;
  out: string;
}

const AFTER_HELP = `
Looks at both hosts, read-only, and writes the recovery of the settings as one POSIX shell script with this cluster's
values: to be read, signed off, and run step by step where Pulumi is not to be used. Each step has a check and an undo.`;

/** Adds `runbook` to the program: the recovery as a shell script to be read and run by a person. */
export function addRunbook(program: Command): void {
  withStackOptions(program.command("runbook"))
    .description("write the recovery of the settings as a shell runbook that needs no Pulumi")
    .option("--cluster <name>", "of several clusters in the settings")
    .option("--out <file>", "where it is written; never over an existing file", "runbook.sh")
    .addHelpText("after", AFTER_HELP)
    .action((options: Options) => run(options).finally(closeAll));
}

async function run({ cluster: named, out, ...source }: Options): Promise<void> {
  const file = resolve(out);
  mustBeNew(file, "Give another name with --out FILE");
  const { readClusters } = await import("../../recovery/settings/clusters");
  const { runbookOf } = await import("./write");
  const clusters = readClusters(await settingsOf(sourceOf(source)));
  const chosen = clusters.filter(({ name }) => named === undefined || name === named);
  const [cluster, second] = chosen;
  if (!cluster || second)
    throw new Error(
      `the settings have the clusters ${clusters.map(({ name }) => name).join(", ")}: name one of them with --cluster NAME`,
    );
  writeFileSync(file, await runbookOf(cluster), { flag: "wx", mode: 0o700 });
  process.stdout.write(`${file}\nRead it; then: sh ${file} list\n`);
}
