import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { parseSections, utf8 } from "../../remote/sections";
import { brokenLines, type EffectiveConf } from "../conf/conf";
import { type ConfBytes, type ConfFiles, confOf, fileInEffect, readConfFiles } from "../conf/confFiles";
import { type NodeSpec, programOf } from "../names";

/** The conf key that names the managers a storage or gateway node follows from its start on. */
export const MANAGERS_KEY = "managers";

/** How a conf names the managers of a pair, the master first. */
export const managersValue = (pair: readonly string[]): string => `[${pair.join(", ")}]`;

/** The managers in a value as LeoFS reads it: it splits at brackets, commas and blanks, and at nothing else. */
export const managersIn = (value: string | undefined): string[] =>
  (value ?? "").split(/[[\], ]+/).filter((name) => name !== "");

/** The conf of a storage or gateway node as its host shows it. */
export interface NodeConf {
  spec: NodeSpec;
  /** Its home is there. */
  home: boolean;
  /** Who logged in, and who changes its conf when that is another one. */
  user: string;
  as: string | undefined;
  files: ConfFiles;
  conf: EffectiveConf;
  /** The file whose line names its managers. */
  file: ConfBytes;
  /** What that line says; undefined where none does. */
  value: string | undefined;
}

const LOOK = script("leofs/nodes/scripts/look-at-node.sh");

/**
 * Looks at the conf of a storage or gateway node, read-only.
 *
 * @throws when its host cannot be reached; everything else that is amiss is part of the answer.
 */
export async function lookAtNode(host: Host, spec: NodeSpec, timeoutMs = 20_000): Promise<NodeConf> {
  const { node, home, etcDirectory } = spec;
  const program = programOf(spec);
  const { stdout } = await host.run(
    LOOK,
    { node, home, etc: etcDirectory, kind: program },
    { as: spec.runAs, encoding: "latin1", timeoutMs },
  );
  const sections = parseSections(stdout);
  const { values } = sections;
  const user = values.get("user") ?? "";
  const runAs = spec.runAs ?? (values.get("runner") || "leofs");
  const files = readConfFiles(sections, `${utf8(values.get("etc") ?? `${home}/etc`)}/${program}.conf`);
  const conf = confOf(files);
  return {
    spec,
    home: values.has("home"),
    user,
    // Without the home its run-as user is not known either, and a guess would be the error instead of the home.
    as: spec.runAs ?? (values.has("home") && runAs !== user ? runAs : undefined),
    files,
    conf,
    file: fileInEffect(files, conf, MANAGERS_KEY),
    value: conf.values.get(MANAGERS_KEY)?.value,
  };
}

/** Whether a node that is started with this conf follows these managers and no others, in whatever order. */
export const follows = ({ value }: Pick<NodeConf, "value">, pair: readonly string[]): boolean =>
  managersIn(value).sort().join() === [...pair].sort().join();

/** Why the conf of a node must not be changed as it is, or would not be read: one sentence each, with file and line. */
export function confProblems({ spec, home, user, files, conf }: NodeConf): string[] {
  const { node } = spec;
  const program = programOf(spec);
  // A line that cannot be read may be the one that names it.
  const broken = brokenLines(conf);
  if (!home) return [`${spec.home} is not there: set nodes.home to the directory above bin/${program}.`];
  if (files.unreadable) return [`${files.unreadable} cannot be read by ${user}.`];
  if (files.main === undefined) return [`${files.path} is not there: set nodes.etcDirectory to where it is.`];
  if (broken.length > 0) return broken;
  const named = conf.values.get("nodename");
  const called = named?.value ?? `${spec.type}_0@127.0.0.1`;
  if (called !== node)
    return [
      named
        ? `${named.file} line ${named.line} says nodename = ${called}: this is not the conf of ${node}. Set its home in nodes.except.`
        : `${files.path} sets no nodename, so LeoFS would call it ${called} and not ${node}. Set its home in nodes.except.`,
    ];
  return [];
}

const MAY_EDIT = script("leofs/nodes/scripts/may-edit.sh");

/** What the user who would change a conf may do there. */
export interface EditRights {
  /** Where the file leads when it is a symbolic link. */
  link: string | undefined;
  /** Why it could not be changed, one sentence each. */
  problems: string[];
}

/**
 * Sees whether a conf can be changed, and its original be kept. Read-only.
 *
 * @param directory where the original would be kept; need not be there yet
 */
export async function editRights(
  host: Host,
  { file, as, user }: NodeConf,
  directory: string,
  timeoutMs = 20_000,
): Promise<EditRights> {
  const { stdout } = await host.run(MAY_EDIT, { file: file.path, directory }, { as, timeoutMs });
  const { values } = parseSections(stdout);
  const who = as ?? user;
  const problems: string[] = [];
  if (!values.has("replaces"))
    problems.push(
      `${file.path} cannot be replaced: ${who} may not write in ${values.get("parent") ?? "its directory"}.`,
    );
  if (!values.has("keeps"))
    problems.push(
      `its original cannot be kept in ${directory}: ${who} may not write in ${values.get("kept") ?? "it"}. Set nodes.backupDirectory.`,
    );
  return { link: values.get("link"), problems };
}
