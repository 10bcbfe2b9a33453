import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Sandbox } from "../../../sandbox";
import { vmsOfHome } from "../../../sandbox/processes";

/** Rows by table, sorted, as Erlang prints them: secret keys and times included. */
export type Rows = Record<string, string[]>;

/** One manager as it is now. */
export interface ManagerFacts {
  node: string;
  rows: Rows;
  /** Tables that this manager keeps on its disc and can read. */
  tablesOnDisc: number | undefined;
  /** What its text console answers. */
  users: string;
  buckets: string;
  endpoints: string;
  /** Process ids of its VM. */
  pids: number[];
}

/** A cluster as it is now, looked at without any of the product's code. */
export interface ClusterFacts {
  /** Running managers by name. */
  managers: Record<string, ManagerFacts>;
  /** Ring hash by node, of managers, storage and gateway nodes alike. */
  rings: Record<string, string | undefined>;
  /** Managers that each storage and gateway node follows, in its own order. */
  followers: Record<string, string[] | undefined>;
}

/** Tables whose rows LeoFS writes again all the time, or at each start: only the keys are looked at. */
const LIVE = [
  "leo_storage_nodes",
  "leo_gateway_nodes",
  "leo_available_commands",
  "sv_schemas",
  "sv_columns",
  "sv_metric_grp",
];

/** Every row that a manager holds in its own tables. Throws when it does not answer. */
export async function rowsOf(sandbox: Sandbox, manager: string): Promise<Rows> {
  const { node } = sandbox.manager(manager);
  const file = join(sandbox.directory, `rows-${node}.txt`);
  const lines =
    `[io_lib:format("~s ~0tp~n", [T, case lists:member(T, [${LIVE}]) of true -> element(2, R); false -> R end]) ` +
    "|| T <- lists:sort(mnesia:system_info(tables)), T =/= schema, R <- lists:sort(ets:tab2list(T))]";
  const answer = await sandbox.evaluate(
    node,
    `file:write_file("${file}", unicode:characters_to_binary(${lines}))`,
  );
  if (answer !== "ok") throw new Error(`${node} did not tell its rows: ${answer}`);
  const rows: Rows = {};
  for (const line of (await readFile(file, "utf8")).split("\n").filter(Boolean)) {
    const [table = "", ...row] = line.split(" ");
    rows[table] ??= [];
    rows[table].push(row.join(" "));
  }
  await rm(file);
  return rows;
}

/** Process ids of a manager's VM; empty when it is down. */
export const pidsOf = (sandbox: Sandbox, manager: string): Promise<number[]> =>
  vmsOfHome(sandbox.manager(manager).home);

/** Looks at everything that runs. */
export async function factsOf(sandbox: Sandbox): Promise<ClusterFacts> {
  const facts: ClusterFacts = { managers: {}, rings: {}, followers: {} };
  const status = await sandbox.status();
  for (const [name, { node, running, lost, ringHash }] of Object.entries(status.managers)) {
    if (lost || !running) continue;
    facts.rings[node] = ringHash;
    facts.managers[name] = {
      node,
      rows: await rowsOf(sandbox, name),
      tablesOnDisc: await sandbox.tablesOnDisc(name),
      users: await sandbox.console(name, "get-users"),
      buckets: await sandbox.console(name, "get-buckets"),
      endpoints: await sandbox.console(name, "get-endpoints"),
      pids: await pidsOf(sandbox, name),
    };
  }
  for (const { node, managers, ringHash } of Object.values(status.nodes)) {
    facts.rings[node] = ringHash;
    facts.followers[node] = managers;
  }
  return facts;
}
