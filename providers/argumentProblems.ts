import { nodeNameProblem, pathProblem } from "../leofs/manager";
import { connectionProblems } from "../remote";
import type { ManagerTarget } from "./arguments";

/** What is wrong with a manager's arguments, one sentence each; never holds the value of a credential. */
export function managerProblems(where: string, target: ManagerTarget): string[] {
  const found: (string | undefined)[] = [
    nodeNameProblem(String(target.node)),
    pathProblem(String(target.home)),
    pathProblem(String(target.backupDirectory)),
    target.etcDirectory === undefined ? undefined : pathProblem(String(target.etcDirectory)),
    target.runAs === undefined || /^[a-z_][a-z0-9_-]{0,31}$/i.test(target.runAs)
      ? undefined
      : `${JSON.stringify(target.runAs)} is not a user name`,
  ];
  const names = ["node", "home", "backupDirectory", "etcDirectory", "runAs"];
  const problems = found.flatMap((problem, index) =>
    problem ? [`${where}.${names[index]}: ${problem}`] : [],
  );
  problems.push(...connectionProblems(target.connection, `${where}.connection`));
  return problems;
}
