import type { Sandbox } from "../sandbox";

const AT_ONCE = 4_000;

/**
 * Writes users straight into the tables of both managers, as `create-user` would, which takes hours for a hundred thousand.
 */
export async function writeUsers(sandbox: Sandbox, count: number): Promise<void> {
  const { node } = sandbox.manager("manager_0");
  for (let from = 1; from <= count; from += AT_ONCE) {
    const to = Math.min(count, from + AT_ONCE - 1);
    const written = await sandbox.evaluate(
      node,
      `mnesia:transaction(fun() -> lists:foreach(fun(N) ->
         Name = list_to_binary("crowd" ++ integer_to_list(N)),
         Hash = list_to_binary([io_lib:format("~2.16.0b", [B]) || <<B>> <= erlang:md5(Name)]),
         <<Key:20/binary, _/binary>> = Hash,
         mnesia:write(leo_s3_users, {user_1, Name, Hash, 1, 63962595548, 63962595548, false}, write),
         mnesia:write(leo_s3_user_credential, {user_credential, Name, Key, 63962595548}, write),
         mnesia:write(leo_s3_credentials, {credential, Key, Hash, 63962595548}, write)
       end, lists:seq(${from}, ${to})) end)`,
    );
    if (written !== "{atomic, ok}")
      throw new Error(`users from ${from} on were not written: ${written ?? "no answer"}`);
  }
}
