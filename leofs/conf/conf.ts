/** A conf by LeoFS's own rules: what is in effect, what one change does, why it would not work. */
import { distance } from "fastest-levenshtein";
import { nodeNameProblem, type Role } from "../names";
import { type ConfFile, readLine, splitLines } from "./confText";

export interface Setting {
  value: string;
  /** The file it stands in. */
  file: string;
  /** The line, counted from 1. */
  line: number;
}

export interface EffectiveConf {
  values: Map<string, Setting>;
  /** Things an operator should know that do not stop LeoFS. */
  warnings: string[];
  /** Lines that crash LeoFS's generator: no `=`, or nothing behind it. It then starts with its old files. */
  broken: { file: string; line: number; reason: string; mend?: string }[];
}

/** Keys whose misspelling nobody would notice: LeoFS ignores unknown keys. */
const IMPORTANT = ["manager.partner", "nodename", "distributed_cookie", "mnesia.dir", "manager.mode"];

/**
 * The configuration in effect: the main file, then `leo_manager.d/*.conf` in the order of their names, where
 * the last line that sets a key wins. (A shell's glob order may differ from it in the case of letters.)
 */
export function effectiveConf(
  main: string,
  overrides: readonly ConfFile[] = [],
  mainPath = "etc/leo_manager.conf",
): EffectiveConf {
  const result: EffectiveConf = { values: new Map(), warnings: [], broken: [] };
  const later = [...overrides].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const file of [{ path: mainPath, text: main }, ...later]) addFile(result, file);
  return result;
}

function addFile({ values, warnings, broken }: EffectiveConf, file: ConfFile): void {
  splitLines(file.text).forEach((text, index) => {
    const at = { file: file.path, line: index + 1 };
    if (index === 0 && text.startsWith("\ufeff")) {
      const mend = "Save the file without it (UTF-8 without BOM).";
      broken.push({ ...at, reason: "begins with a byte order mark, which editors do not show", mend });
      return;
    }
    const read = readLine(text.replace(/\r?\n$/, ""));
    if (read.kind === "broken") broken.push({ ...at, reason: read.reason });
    if (read.kind !== "setting") return;
    if (read.value === "") broken.push({ ...at, reason: `gives ${read.key} no value` });
    const meant = IMPORTANT.find((key) => key !== read.key && distance(key, read.key) <= 2);
    if (meant)
      warnings.push(
        `${at.file} line ${at.line}: LeoFS ignores the unknown key ${read.key} (${meant} meant?)`,
      );
    const earlier = values.get(read.key);
    if (earlier && earlier.value !== read.value && IMPORTANT.includes(read.key))
      warnings.push(
        `${read.key} is set twice: ${at.file} line ${at.line} beats ${earlier.file} line ${earlier.line}`,
      );
    values.set(read.key, { value: read.value, ...at });
  });
}

/**
 * What a manager uses where its files say nothing: the defaults of its home's schema. The role is that of the
 * home (`leo_manager_0` is a master's). There is no default partner: without one a manager runs alone. A slave's
 * ports 10011 and 10021 come from its shipped file only.
 */
export function defaultValue(key: string, role: Role): string | undefined {
  if (key === "manager.mode") return role;
  if (key === "rpc.server.listen_port") return role === "master" ? "13075" : "13076";
  return SCHEMA_DEFAULTS[key];
}

const SCHEMA_DEFAULTS: Readonly<Record<string, string>> = {
  nodename: "manager_0@127.0.0.1",
  distributed_cookie: "leofs",
  "console.bind_address": "localhost",
  "console.port.cui": "10010",
  "console.port.json": "10020",
  "console.acceptors.cui": "3",
  "console.acceptors.json": "16",
  "mnesia.dir": "./work/mnesia/127.0.0.1",
  queue_dir: "./work/queue",
  "system.dc_id": "dc_1",
  "system.cluster_id": "leofs_1",
  "consistency.num_of_replicas": "1",
  "consistency.write": "1",
  "consistency.read": "1",
  "consistency.delete": "1",
  "consistency.rack_aware_replicas": "0",
  "mdc_replication.max_targets": "2",
  "mdc_replication.num_of_replicas_a_dc": "1",
  "mdc_replication.consistency.write": "1",
  "mdc_replication.consistency.read": "1",
  "mdc_replication.consistency.delete": "1",
};

/** The value in effect, or the role's default. */
export const settingOf = (conf: EffectiveConf, key: string, role: Role): string | undefined =>
  conf.values.get(key)?.value ?? defaultValue(key, role);

/** The lines that keep LeoFS's generator from reading a configuration, one sentence each, with the way out. */
export const brokenLines = ({ broken }: EffectiveConf): string[] =>
  broken.map(
    ({ file, line, reason, mend = "Complete the line, or put a # before it." }) =>
      `${file} line ${line} ${reason}: LeoFS cannot read its configuration then and starts with the old one. ${mend}`,
  );

/**
 * Why a manager would not follow `wanted` once the line in effect names it: one sentence each, with the way out.
 * Empty when it would.
 */
export function partnerProblems(conf: EffectiveConf, wanted: string): string[] {
  const problems = brokenLines(conf);
  const problem = nodeNameProblem(wanted);
  if (problem) problems.push(`${problem}.`);
  if (conf.values.get("nodename")?.value === wanted)
    problems.push(`${wanted} is this manager's own node name. Its partner is the other manager of the pair.`);
  return problems;
}
