%% The console's commands. run/2 gives a result that both formats know how to show:
%%   ok | {ok, Text} | {error, Cause} | {Kind, Data} | {lines, [Text], Result}
%% Which command needs an argument is told by a blank after its name alone, as in LeoFS: without it it "does not exist".
-module(sandbox_console_commands).
-export([run/2]).

-define(UNKNOWN, {error, "Command not exist"}).

run(<<"help">>, true) -> {help, sandbox_commands:all()};
run(<<"help">>, false) -> ?UNKNOWN;
run(<<"version">>, _) -> {ok, "1.4.4"};
run(<<"status">>, _) -> sandbox_cluster:status();
run(<<"get-users">>, _) -> sandbox_s3:users();
run(<<"get-buckets">>, _) -> sandbox_s3:buckets();
run(<<"get-endpoints">>, _) -> sandbox_s3:endpoints();
run(<<"start">>, _) -> sandbox_cluster:start();
run(<<"rebalance">>, _) -> sandbox_cluster:rebalance();
run(<<"cluster-status">>, _) -> {error, "Could not get cluster info"};
run(Body, _) ->
    case binary:match(Body, <<" ">>) of
        nomatch -> ?UNKNOWN;
        _ ->
            [Name | Args] = [binary_to_list(Word) || Word <- binary:split(Body, <<" ">>, [global, trim_all])],
            with_arguments(Name, Args)
    end.

with_arguments("version", ["all"]) -> sandbox_cluster:versions();
with_arguments("version", _) -> {ok, "1.4.4"};
with_arguments("status", []) -> sandbox_cluster:status();
with_arguments("status", [Node | _]) -> sandbox_cluster:node_status(list_to_atom(Node));
with_arguments("login", _) -> {error, not_found};
with_arguments("create-user", [User]) -> sandbox_s3:create_user(User, undefined);
with_arguments("create-user", [User, Password | _]) -> sandbox_s3:create_user(User, Password);
with_arguments("import-user", [User, Key, Secret | _]) -> sandbox_s3:import_user(User, Key, Secret);
with_arguments("delete-user", [User | _]) -> sandbox_s3:delete_user(User);
with_arguments("update-user-role", [User, Role | _]) -> sandbox_s3:update_role(User, list_to_integer(Role));
with_arguments("get-bucket", [Key | _]) -> sandbox_s3:buckets_of(Key);
with_arguments("add-bucket", [Bucket, Key | _]) -> sandbox_s3:add_bucket(Bucket, Key);
with_arguments("delete-bucket", [Bucket, Key | _]) -> sandbox_s3:delete_bucket(Bucket, Key);
with_arguments("add-endpoint", [Endpoint | _]) -> sandbox_s3:add_endpoint(Endpoint);
with_arguments("set-endpoint", [Endpoint | _]) -> sandbox_s3:add_endpoint(Endpoint);
with_arguments("delete-endpoint", [Endpoint | _]) -> sandbox_s3:delete_endpoint(Endpoint);
with_arguments("update-managers", [Master, Slave | _]) ->
    sandbox_cluster:update_managers(list_to_atom(Master), list_to_atom(Slave));
with_arguments("suspend", [Node | _]) -> sandbox_cluster:set_state(list_to_atom(Node), suspend);
with_arguments("resume", [Node | _]) -> sandbox_cluster:set_state(list_to_atom(Node), running);
with_arguments("remove", [Node | _]) -> sandbox_cluster:remove_gateway(list_to_atom(Node));
with_arguments("whereis", [Path | _]) -> sandbox_cluster:whereis(Path);
with_arguments("dump-ring", [Node | _]) -> sandbox_cluster:dump_ring(list_to_atom(Node));
with_arguments("backup-mnesia", []) -> {error, "Not specified node"};
with_arguments("backup-mnesia", [Path | _]) -> sandbox_backup:backup(Path);
with_arguments("restore-mnesia", []) -> {error, "Not specified node"};
with_arguments("restore-mnesia", [Path | _]) -> sandbox_backup:restore(Path);
%% One argument only: LeoFS's handler crashes, the connection is closed without a byte.
with_arguments("update-managers", _) -> error(badarg);
with_arguments(Name, _) ->
    case lists:keymember(Name, 1, sandbox_commands:all()) of
        true -> {error, "Invalid arguments"};
        false -> ?UNKNOWN
    end.
