import { setTimeout as pause } from "node:timers/promises";
import type { Sandbox } from "../sandbox";

const AT_ONCE = 4_000;

/** How long the other manager may take to have what one has, in milliseconds. */
const ARRIVE_MS = 300_000;

/**
 * Writes users straight into the tables of both managers, as `create-user` would, which takes hours for a hundred thousand. It
 * does so without waiting for the other manager, and returns when that one has them too.
 */
export async function writeUsers(sandbox: Sandbox, count: number): Promise<void> {
  const [first, second] = ["manager_0", "manager_1"].map((name) => sandbox.manager(name).node) as [
    string,
    string,
  ];
  const rows = (node: string) => sandbox.evaluate(node, "mnesia:table_info(leo_s3_credentials, size)");
  for (let from = 1; from <= count; from += AT_ONCE) {
    const to = Math.min(count, from + AT_ONCE - 1);
    const written = await sandbox.evaluate(
      first,
      `mnesia:async_dirty(fun() -> lists:foreach(fun(N) ->
         Name = list_to_binary("crowd" ++ integer_to_list(N)),
         Hash = list_to_binary([io_lib:format("~2.16.0b", [B]) || <<B>> <= erlang:md5(Name)]),
         <<Key:20/binary, _/binary>> = Hash,
         mnesia:write(leo_s3_users, {user_1, Name, Hash, 1, 63962595548, 63962595548, false}, write),
         mnesia:write(leo_s3_user_credential, {user_credential, Name, Key, 63962595548}, write),
         mnesia:write(leo_s3_credentials, {credential, Key, Hash, 63962595548}, write)
       end, lists:seq(${from}, ${to})) end)`,
    );
    if (written !== "ok")
      throw new Error(`users from ${from} on were not written: ${written ?? "no answer"}`);
  }
  const wanted = await rows(first);
  for (let waited = 0; (await rows(second)) !== wanted; waited += 200) {
    if (waited > ARRIVE_MS) throw new Error(`${second} does not have the users that ${first} has`);
    await pause(200);
  }
}
