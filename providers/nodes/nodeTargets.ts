import { type ListedNode, nodeNameProblem, pathProblem, programOf, userNameProblem } from "../../leofs/names";
import type { ConnectionArgs } from "../../remote/connection";
import { connectionProblems } from "../../remote/ssh/connectionProblems";
import { wrongFields } from "../targets/argumentProblems";
import type { NodeException, NodesTarget, NodeTarget } from "../targets/arguments";

/** A node that the managers list, on its host: what `nodes` says of all, and of this one. */
export function nodeTarget(nodes: NodesTarget, listed: ListedNode): NodeTarget {
  const { node, type } = listed;
  const own: NodeException = nodes.except?.[node] ?? {};
  const home = own.home ?? nodes.home?.[type] ?? `/usr/local/leofs/current/${programOf(listed)}`;
  const etcDirectory = own.etcDirectory ?? nodes.etcDirectory?.[type];
  const runAs = own.runAs ?? nodes.runAs;
  // A key or password of its own stands in the place of the key file of all.
  const ownLogin = own.connection?.privateKey !== undefined || own.connection?.password !== undefined;
  const privateKeyFile = own.privateKeyFile ?? (ownLogin ? undefined : nodes.privateKeyFile);
  return {
    node,
    type,
    home,
    backupDirectory: own.backupDirectory ?? nodes.backupDirectory ?? `${home}/work/leofs-recovery`,
    connection: connectionOf(node, nodes, own),
    ...(privateKeyFile && { privateKeyFile }),
    ...(etcDirectory && { etcDirectory }),
    ...(runAs && { runAs }),
  };
}

const connectionOf = (node: string, nodes: NodesTarget, own: NodeException): ConnectionArgs => ({
  host: node.slice(node.indexOf("@") + 1),
  ...nodes.connection,
  ...own.connection,
});

/** What is wrong with `nodes`, one sentence each; never holds the value of a credential. */
export function nodesProblems(where: string, nodes: NodesTarget): string[] {
  const some = { host: "10.0.0.1" };
  return [
    ...connectionProblems({ ...some, ...nodes.connection }, `${where}.connection`),
    ...wrongFields(where, [
      ["home.storage", nodes.home?.storage, pathProblem],
      ["home.gateway", nodes.home?.gateway, pathProblem],
      ["etcDirectory.storage", nodes.etcDirectory?.storage, pathProblem],
      ["etcDirectory.gateway", nodes.etcDirectory?.gateway, pathProblem],
      ["backupDirectory", nodes.backupDirectory, pathProblem],
      ["runAs", nodes.runAs, userNameProblem],
    ]),
    ...Object.entries(nodes.except ?? {}).flatMap(([node, own]) => {
      const of = `${where}.except.${node}`;
      const problem = nodeNameProblem(node);
      return [
        ...(problem ? [`${of}: ${problem}`] : []),
        ...connectionProblems({ ...some, ...nodes.connection, ...own.connection }, `${of}.connection`),
        ...wrongFields(of, [
          ["home", own.home, pathProblem],
          ["etcDirectory", own.etcDirectory, pathProblem],
          ["backupDirectory", own.backupDirectory, pathProblem],
          ["runAs", own.runAs, userNameProblem],
        ]),
      ];
    }),
  ];
}
