import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { sentence } from "../../leofs/sentence";
import { messageOf } from "../../remote/errors";
import { closeAll } from "../../remote/ssh/pool";
import { mustBeNew } from "../shared/newFile";
import { outputsOf, type StackSource, settingsOf } from "../shared/sources";
import { type StackOptions, sourceOf, withStackOptions } from "../shared/stackOptions";
import { markdownOf } from "./markdown";
import { pageOf } from "./page";
import type { Report } from "./report";

type Format = "html" | "md" | "json";

interface Options extends StackOptions {
  outputs?: string;
  out: string;
  print?: Format;
}

const WRITERS: Record<Format, (reports: readonly Report[]) => string> = {
  html: pageOf,
  md: markdownOf,
  json: (reports) => `${JSON.stringify(reports, undefined, 2)}\n`,
};

const FORMATS = Object.keys(WRITERS) as Format[];

const AFTER_HELP = `
Asks pulumi for the stack's outputs and settings, and the managers' hosts for their journals; nothing is changed on any
host. The page needs nothing but itself: it can be mailed, printed and kept.`;

/** Adds `report` to the program: what a recovery did, as a page, as Markdown and as JSON. */
export function addReport(program: Command): void {
  withStackOptions(program.command("report"))
    .description("write what a recovery did, from the stack's outputs and the hosts' journals")
    .option("--outputs <file>", "what `pulumi stack output --json` printed, instead of asking pulumi")
    .option("--out <base>", "writes BASE.html, BASE.md and BASE.json; never over existing files", "report")
    .addOption(new Option("--print <format>", "print it instead").choices(FORMATS))
    .addHelpText("after", AFTER_HELP)
    .action((options: Options) => run(options).finally(closeAll));
}

async function run({ out, print, ...rest }: Options): Promise<void> {
  const files = FORMATS.map((format) => [format, resolve(`${out}.${format}`)] as const);
  if (!print) for (const [, file] of files) mustBeNew(file, "Give another name with --out BASE");
  const reports = await reportsOf(sourceOf(rest));
  if (print) return void process.stdout.write(WRITERS[print](reports));
  for (const [format, file] of files) writeFileSync(file, WRITERS[format](reports), { flag: "wx" });
  process.stdout.write(`${files.map(([, file]) => file).join("\n")}\n`);
}

async function reportsOf(source: StackSource): Promise<Report[]> {
  // What loads Pulumi's SDK is loaded where it is needed: other commands begin without it.
  const { fromOutputs, gather } = await import("./gather");
  const { readClusters } = await import("../../recovery/settings/clusters");
  const outputs = await outputsOf(source);
  const alone = (why: string) => {
    const clusters = Object.keys(outputs.outcome ?? {});
    if (clusters.length === 0)
      throw new Error(`there is nothing to report: the outputs hold no \`outcome\`, and ${sentence(why)}`);
    return clusters.map((cluster) => fromOutputs(cluster, outputs, why));
  };
  try {
    const settings = await settingsOf(source);
    if (settings !== undefined)
      return await Promise.all(readClusters(settings).map((cluster) => gather(cluster, outputs)));
  } catch (error) {
    // What the stack says is worth a report all the same.
    return alone(messageOf(error));
  }
  return alone("--settings FILE was not given.");
}
