import type { Sandbox } from "../../sandbox";

/** Rows that are written by one command. */
const AT_ONCE = 30_000;

/** What LeoFS writes for a user, as rows of its three tables; N numbers it. */
const USERS = (from: number, to: number) => `
  Now = calendar:datetime_to_gregorian_seconds(calendar:universal_time()),
  lists:foreach(fun(N) ->
    Id = iolist_to_binary(io_lib:format("filled~b", [N])),
    Key = iolist_to_binary(io_lib:format("~20.16.0b", [N])),
    Secret = iolist_to_binary(io_lib:format("~40.16.0b", [N])),
    mnesia:dirty_write(leo_s3_users, {user_1, Id, Secret, 1, Now, Now, false}),
    mnesia:dirty_write(leo_s3_user_credential, {user_credential, Id, Key, Now}),
    mnesia:dirty_write(leo_s3_credentials, {credential, Key, Secret, Now})
  end, lists:seq(${from}, ${to})), ok`;

/** Gives a manager that many rows more: of users, as LeoFS writes them. */
export async function fill(sandbox: Sandbox, manager: string, rows: number): Promise<void> {
  const { node } = sandbox.manager(manager);
  const users = Math.ceil(rows / 3);
  for (let first = 1; first <= users; first += AT_ONCE / 3) {
    const last = Math.min(users, first + AT_ONCE / 3 - 1);
    const said = await sandbox.evaluate(node, `begin ${USERS(first, last).trim()} end`);
    if (said !== "ok") throw new Error(`${node} did not take ${rows} rows: ${said}`);
  }
}
