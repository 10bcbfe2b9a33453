import { nodeNameProblem, pathProblem, userNameProblem } from "../../leofs/names";
import { connectionProblems } from "../../remote/ssh/connectionProblems";
import type { CopyTarget, FenceTarget, ManagerTarget } from "./arguments";

/** What is wrong with a manager's arguments, one sentence each; never holds the value of a credential. */
export function managerProblems(where: string, target: ManagerTarget | undefined): string[] {
  if (typeof target !== "object" || target === null) return [`${where} is missing`];
  const { node, home, backupDirectory } = target;
  return specProblems(where, target, { node, home, backupDirectory });
}

/** What is wrong with a lost manager that is to be fenced, as above. */
function fenceProblems(fence: FenceTarget): string[] {
  const { node, home } = fence;
  return specProblems("fence", fence, { node, home });
}

/** What is wrong with the two managers of a pair, and with the lost one that is fenced meanwhile, as above. */
export function pairProblems({ managers, fence }: PairInputs): string[] {
  if (!Array.isArray(managers) || managers.length !== 2) return ["managers are the two of the pair"];
  const problems = managers.flatMap((one, index) => managerProblems(`managers[${index}]`, one));
  return fence ? [...problems, ...fenceProblems(fence)] : problems;
}

/** What identifies a pair: its managers by node name and home. */
export const pairIdentity = ({ managers }: PairInputs): Record<string, unknown> => ({
  managers: managers.map(({ node, home }) => [node, home]),
});

interface PairInputs {
  managers: [ManagerTarget, ManagerTarget];
  fence?: FenceTarget | undefined;
}

function specProblems(
  where: string,
  target: FenceTarget & Partial<ManagerTarget>,
  needed: Record<string, string>,
): string[] {
  const { node, home, backupDirectory, etcDirectory, runAs } = target;
  const missing = Object.entries(needed).flatMap(([name, value]) =>
    value === undefined ? [`${where}.${name} is missing`] : [],
  );
  const checked: Checked[] = [
    ["node", node, nodeNameProblem],
    ["home", home, pathProblem],
    ["backupDirectory", backupDirectory, pathProblem],
    ["etcDirectory", etcDirectory, pathProblem],
    ["runAs", runAs, userNameProblem],
  ];
  return [
    ...missing,
    ...wrongFields(where, checked),
    ...connectionProblems(target.connection, `${where}.connection`),
  ];
}

/** A field that may be given, and the rule that says what is wrong with it. */
export type Checked = [name: string, value: unknown, problemOf: (text: string) => string | undefined];

/** What is wrong with fields that are given, one sentence each. */
export const wrongFields = (where: string, checked: readonly Checked[]): string[] =>
  checked.flatMap(([name, value, problemOf]) => {
    const problem = value === undefined ? undefined : problemOf(String(value));
    return problem ? [`${where}.${name}: ${problem}`] : [];
  });

/** What is wrong with the place for second copies, as above. */
export function copyProblems(copyTo: CopyTarget): string[] {
  const { directory } = copyTo;
  const problem = directory === undefined ? "is missing" : pathProblem(String(directory));
  return [
    ...(problem ? [`copyTo.directory: ${problem}`] : []),
    ...connectionProblems(copyTo.connection, "copyTo.connection"),
  ];
}
