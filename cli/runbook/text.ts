import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Recipe } from "../../recovery/recipe";
import { quote } from "../../remote/quote";
import { becomeFunction, consoleFunction, extraFunction, hostKeysFunction, reachFunction } from "./actor";
import type { Cast, ShellStep } from "./steps";

const LIBRARY = join(__dirname, "scripts/runbook.sh");

/** By hand nothing compares what was written up to the stop with the dump, as `pulumi up` does. */
const AT_RISK =
  "At risk: what users write between the last dump, right before the stop, and that stop may be lost, so let nobody make users or buckets from the first step to the last. " +
  "Every original is moved aside after its backup was checked, and nothing is deleted. S3 goes on.";

/** A runbook as one POSIX shell script: what and why, the steps, then how each command is done. */
export function runbookText(
  recipe: Recipe,
  cast: Cast,
  steps: readonly ShellStep[],
  said: { what: string; findings: readonly string[]; writtenAt: string },
): string {
  const actors = [cast.good, cast.other];
  const head = [
    `Runbook: ${said.what}, cluster ${recipe.cluster}, incident ${recipe.incident}.`,
    `Written ${said.writtenAt} from a look at both hosts; it holds for what was seen then:`,
    ...said.findings.map((finding) => `- ${finding}`),
    AT_RISK,
    "It holds no password and no private key. Each step has a check and an undo; what is done is noted in FILE.log.",
    "It works beside Pulumi, not with it: never run both for the same incident.",
    `To see whom each storage and gateway node follows at the end: leofs-recovery diagnose with the hosts of both managers.`,
  ];
  const names = steps.map((_, index) => index + 1);
  return [
    "#!/bin/sh",
    // What users of the settings wrote must stay a comment.
    ...head.flatMap((line) => line.split(/[\r\n]+/)).map((line) => `# ${line}`),
    "# shellcheck disable=SC2016 # the hosts expand what is quoted",
    "set -u",
    "",
    `steps=${steps.length}`,
    "title() {",
    "  case $1 in",
    ...steps.map(({ title }, index) => `    ${index + 1}) printf '%s' ${quote(title)} ;;`),
    "  esac",
    "}",
    ...names.flatMap((number) => ["", ...functionsOf(number, steps[number - 1]!)]),
    "",
    reachFunction(actors),
    hostKeysFunction(actors),
    becomeFunction(actors),
    extraFunction(actors),
    consoleFunction(actors),
    "",
    readFileSync(LIBRARY, "utf8").trim(),
    "",
    'main "$@"',
    "",
  ].join("\n");
}

function functionsOf(number: number, { title, run, check, undo }: ShellStep): string[] {
  return [
    `# --- ${number}. ${title.replaceAll(/[\r\n]+/g, " ")}`,
    ...body(`step_${number}`, run),
    ...body(`check_${number}`, check),
    ...body(`undo_${number}`, undo),
  ];
}

/** Each command must succeed for the next: `set -e` does not count inside a function whose end is asked for. */
const body = (name: string, lines: readonly string[]): string[] => [
  `${name}() {`,
  ...lines.map((line, index) => `  ${line}${index + 1 < lines.length ? " &&" : ""}`),
  "}",
];
