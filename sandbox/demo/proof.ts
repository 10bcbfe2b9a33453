import type { Sandbox } from "..";

/** What one manager's consoles say about the cluster. */
export interface View {
  /** Node name of the manager asked. */
  node: string;
  users: string[];
  buckets: string[];
  endpoints: string[];
  /** 8 hex digits. */
  ring: string;
}

/** Whom every storage and gateway node follows, by its name in the sandbox; undefined: no answer. */
export type Followers = Record<string, string[] | undefined>;

const rows = (reply: unknown, key: string): string[] => {
  const list = (reply as Record<string, unknown>)[key];
  if (!Array.isArray(list))
    throw new Error(`a console answered ${JSON.stringify(reply)} when asked for ${key}`);
  return list.map((row) => JSON.stringify(row)).sort();
};

/**
 * Asks one manager over its JSON console, as an operator's own tools would.
 *
 * @param crowd there are more users than a console lists: they are counted in its table
 */
export async function viewOf(sandbox: Sandbox, manager: string, crowd = false): Promise<View> {
  const ask = (line: string) => sandbox.json(manager, line);
  const { node } = sandbox.manager(manager);
  const counted = () => sandbox.evaluate(node, "mnesia:table_info(leo_s3_users, size)");
  const status = (await ask("status")) as { system_info: { ring_hash_cur: number } };
  return {
    node,
    users: crowd ? [`${await counted()} rows`] : rows(await ask("get-users"), "users"),
    buckets: rows(await ask("get-buckets"), "buckets"),
    endpoints: rows(await ask("get-endpoints"), "endpoints"),
    ring: (status.system_info.ring_hash_cur >>> 0).toString(16).padStart(8, "0"),
  };
}

/** Asks every storage and gateway node, over Erlang distribution. */
export async function followersOf(sandbox: Sandbox): Promise<Followers> {
  const names = Object.keys(sandbox.description.nodes);
  const followed = await Promise.all(names.map((name) => sandbox.managersFollowed(name)));
  return Object.fromEntries(names.map((name, index) => [name, followed[index]]));
}

/** Process ids of managers, to see that nothing was restarted. */
export async function processesOf(sandbox: Sandbox, managers: readonly string[]): Promise<string[]> {
  return Promise.all(
    managers.map(
      async (name) => (await sandbox.evaluate(sandbox.manager(name).node, "os:getpid()")) ?? "none",
    ),
  );
}

/** What differs between the cluster before the outage and a manager of the recovered pair; empty: nothing. */
export function differences(before: View, after: View): string[] {
  const lists = (["users", "buckets", "endpoints"] as const).flatMap((kind) => {
    const [had, has] = [new Set(before[kind]), new Set(after[kind])];
    return [
      ...before[kind].filter((row) => !has.has(row)).map((row) => `${after.node} lacks of ${kind}: ${row}`),
      ...after[kind]
        .filter((row) => !had.has(row))
        .map((row) => `${after.node} has too much of ${kind}: ${row}`),
    ];
  });
  if (before.ring !== after.ring) lists.push(`${after.node} has ring ${after.ring}, it was ${before.ring}`);
  return lists;
}

/** The nodes that do not follow exactly this pair. */
export function strays(followers: Followers, pair: readonly string[]): string[] {
  const wanted = [...pair].sort().join();
  return Object.entries(followers)
    .filter(([, followed]) => [...(followed ?? [])].sort().join() !== wanted)
    .map(([name, followed]) => `${name} follows ${followed?.join(" and ") ?? "nobody: no answer"}`);
}
