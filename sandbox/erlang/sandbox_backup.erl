%% backup-mnesia and restore-mnesia: Mnesia's own binary backup of eleven tables, without ring and members.
-module(sandbox_backup).
-export([backup/1, restore/1]).

-define(CHECKPOINT, "backup").
-define(TABLES, [leo_system_conf, leo_gateway_nodes, leo_storage_nodes, leo_available_commands, leo_rebalance_info,
                 leo_del_bucket_state, leo_s3_endpoints, leo_s3_credentials, leo_s3_buckets, leo_s3_users,
                 leo_s3_user_credential]).

backup(Path) ->
    case mnesia:activate_checkpoint([{name, ?CHECKPOINT}, {min, ?TABLES}, {ram_overrides_dump, true}]) of
        {ok, ?CHECKPOINT, _} ->
            Result = mnesia:backup_checkpoint(?CHECKPOINT, Path),
            mnesia:deactivate_checkpoint(?CHECKPOINT),
            Result;
        {error, Reason} ->
            {error, Reason}
    end.

restore(Path) ->
    case catch mnesia:restore(Path, [{default_op, recreate_tables}]) of
        {atomic, _} -> ok;
        {aborted, Reason} -> {error, Reason};
        {'EXIT', Reason} -> {error, Reason}
    end.
