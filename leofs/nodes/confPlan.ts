import type { ListedNode } from "../names";
import { hazard, type PlanLine } from "../planLine";
import { NAMED, someOf } from "../sentence";
import { confProblems, type EditRights, follows, managersIn, managersValue, type NodeConf } from "./nodeConf";

/** What a look at the conf of one node came to, in few words: there may be hundreds. */
export type ConfFinding = ListedNode & {
  /** It could not be looked at, and why. */
  unreachable?: string;
  /** Why it is not changed as it is, with file and line. */
  problems: string[];
  /** The file whose line names its managers, from its home where it is below it. */
  file: string;
  /** Where it leads, when it is a symbolic link. */
  link?: string | undefined;
  /** The main conf that it beats, when it is an override. */
  beats?: string;
  /** The managers it names now. */
  names: string[];
  /** They are the wanted ones already. */
  right: boolean;
};

/** Sums up what was seen of one node's conf. */
export function confFinding(seen: NodeConf, rights: EditRights, pair: readonly string[]): ConfFinding {
  const { spec, files, file } = seen;
  const problems = confProblems(seen);
  const right = problems.length === 0 && follows(seen, pair);
  const below = (path: string) =>
    path.startsWith(`${spec.home}/`) ? path.slice(spec.home.length + 1) : path;
  return {
    node: spec.node,
    type: spec.type,
    problems: right || problems.length > 0 ? problems : rights.problems,
    file: below(file.path),
    link: rights.link,
    ...(file.path !== files.path && { beats: below(files.path) }),
    names: managersIn(seen.value),
    right,
  };
}

const nodes = (count: number, type?: string): string =>
  `${count}${type ? ` ${type}` : ""} ${count === 1 ? "node" : "nodes"}`;

/** Findings that read the same but for the node, most of them first. */
function grouped(findings: readonly ConfFinding[], key: (one: ConfFinding) => string): ConfFinding[][] {
  const groups = new Map<string, ConfFinding[]>();
  for (const one of findings) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/** What would become of a conf, in words. */
const whatOf = ({ file, right, beats, link }: ConfFinding): string =>
  `${right ? "right already:" : "change"} ${file}${beats ? `, which beats ${beats}` : ""}${link ? ", a symbolic link" : ""}`;

/**
 * What would become of the confs of storage and gateway nodes: a table with a line for each kind of file, however many
 * nodes there are.
 */
export function confPlan(findings: readonly ConfFinding[], pair: readonly string[]): PlanLine[] {
  const reached = findings.filter(({ unreachable }) => unreachable === undefined);
  const refused = reached.filter(({ problems }) => problems.length > 0);
  const sound = reached.filter(({ problems }) => problems.length === 0);
  const lines = grouped(sound, (one) => `${one.type} ${whatOf(one)}`).map((group) => {
    const links = [...new Set(group.flatMap(({ link }) => link ?? []))];
    const leads = links.length > 0 ? ` to ${someOf(links)}, which is changed; the link stays` : "";
    return `${nodes(group.length, group[0]!.type)}: ${whatOf(group[0]!)}${leads} (${someOf(group.map(({ node }) => node))})`;
  });
  const now = [
    ...new Set(
      sound
        .filter(({ right }) => !right)
        .map(({ names }) => (names.length > 0 ? managersValue(names) : "none")),
    ),
  ];
  return [
    `confs of ${nodes(findings.length)}: managers = ${managersValue(pair)}${now.length > 0 ? `, now ${someOf(now)}` : ""}; each original is kept on its host, no node is restarted`,
    ...lines,
    ...owed(
      findings.filter(({ unreachable }) => unreachable !== undefined),
      "not reached now",
    ),
    ...owed(refused, "not to be changed as they are"),
  ];
}

/** Nodes whose conf would stay as it is, a few by reason: no reason against the recovery of the managers. */
function owed(findings: readonly ConfFinding[], what: string): PlanLine[] {
  const why = ({ unreachable, problems }: ConfFinding) => unreachable ?? problems.join(" ");
  const groups = grouped(findings, why);
  const said = (group: readonly ConfFinding[], reason: string) =>
    hazard(
      `confs ${what}, so debt: ${nodes(group.length)} (${someOf(group.map(({ node }) => node))}): ${reason}`,
    );
  const rest = groups.slice(NAMED).flat();
  return [
    ...groups.slice(0, NAMED).map((group) => said(group, why(group[0]!))),
    ...(rest.length > 0 ? [said(rest, "each for a reason of its own")] : []),
  ];
}
