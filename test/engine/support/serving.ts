import type { Sandbox } from "../../../sandbox";
import { eventually } from "../../../sandbox/commands";

const LOADED = `
  Tables = mnesia:system_info(tables),
  lists:member(leo_s3_users, Tables) andalso [T || T <- Tables, mnesia:table_info(T, where_to_read) =:= nowhere] =:= []`;

/** Waits until a manager has loaded every table: a start exits before, and one that is cut off while it loads waits for its partner. */
export const serving = (sandbox: Sandbox, name: string): Promise<true> =>
  eventually(`${name} to serve`, 60_000, async () =>
    (await sandbox.evaluate(sandbox.manager(name).node, LOADED)) === "true" ? true : undefined,
  );
