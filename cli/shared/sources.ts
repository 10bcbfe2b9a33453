import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { parse } from "yaml";
import type { RecoveryOutcome } from "../../recovery/outcome";
import { messageOf } from "../../remote/errors";

const KEY = "leofs-recovery:clusters";
const LIMIT_MS = 120_000;

/** What `pulumi stack output --json` says. */
export interface Outputs {
  outcome?: Record<string, RecoveryOutcome | string>;
}

/** Where a stack is found: in a directory of a Pulumi project, or in files. */
export interface StackSource {
  /** Directory of the project. */
  directory: string;
  /** Default: the one that is selected there. */
  stack?: string;
  /** What `pulumi stack output --json` printed, instead of asking. */
  outputs?: string;
  /** A `Pulumi.STACK.yaml`, instead of asking. */
  settings?: string;
}

/**
 * The outputs of a stack.
 *
 * @throws when Pulumi, or the file, does not say them.
 */
export async function outputsOf({ outputs, ...source }: StackSource): Promise<Outputs> {
  const found: unknown = outputs
    ? inFile(outputs, JSON.parse)
    : JSON.parse(await pulumi(["stack", "output", "--json"], source));
  if (typeof found !== "object" || found === null || Array.isArray(found))
    throw new Error(`${outputs ?? "what pulumi says"} does not hold the outputs of a stack`);
  return found;
}

/**
 * The setting `clusters` as it is written, secrets in the clear: to log in, never to be shown.
 *
 * @returns undefined where only outputs were given.
 * @throws when Pulumi, or the file, does not say it; where the file has encrypted values.
 */
export async function settingsOf({ settings, outputs, ...source }: StackSource): Promise<unknown> {
  if (settings) {
    const { config } = (inFile(settings, parse) ?? {}) as { config?: Record<string, unknown> };
    const clusters = config?.[KEY];
    const encrypted = encryptedIn(clusters, "clusters");
    if (encrypted.length > 0)
      throw new Error(
        `${settings}: encrypted (secure:), and only pulumi can decrypt it: ${encrypted.join(", ")}. Leave --settings and --outputs out, so that pulumi is asked. Or give a copy of the file with privateKeyFile in their place or the values in clear text, and delete that copy afterwards.`,
      );
    return clusters;
  }
  if (outputs) return undefined;
  return JSON.parse(await pulumi(["config", "get", KEY], source));
}

/** Where in a setting Pulumi encrypted a value. */
function encryptedIn(value: unknown, place: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]![0] === "secure" && typeof entries[0]![1] === "string")
    return [place];
  return entries.flatMap(([name, inner]) => encryptedIn(inner, `${place}.${name}`));
}

/** What a file says. @throws with the name of the file. */
function inFile(file: string, read: (text: string) => unknown): unknown {
  try {
    return read(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${messageOf(error)}`);
  }
}

async function pulumi(
  args: readonly string[],
  { directory, stack }: Pick<StackSource, "directory" | "stack">,
): Promise<string> {
  const all = [...args, ...(stack ? ["--stack", stack] : []), "--non-interactive"];
  try {
    const { stdout } = await promisify(execFile)("pulumi", all, {
      cwd: directory,
      timeout: LIMIT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: unknown };
    const why = code === "ENOENT" ? "there is no pulumi on the PATH" : stderr?.trim() || messageOf(error);
    throw new Error(
      `pulumi ${all.join(" ")} in ${directory}: ${why}. Or give --outputs FILE and --settings FILE.`,
    );
  }
}
