%% The 22 Mnesia tables of a LeoFS 1.4.4 manager, with the record names and attributes that its own text dump gives them.
-module(sandbox_tables).
-export([create_first/1, create_late/1, insert_defaults/1, insert_late/0, all/0, exist/0, default_system_conf/0, now/0]).

-define(DEFAULT_USER, <<"_test_leofs">>).
-define(DEFAULT_KEY, <<"05236">>).
-define(DEFAULT_SECRET, <<"802562235">>).

%% {Table, Type, RecordName, Attributes} in LeoFS's order of creation: a dump lists them the other way round.
first() ->
    NodeState = [node, state, ring_hash_new, ring_hash_old, when_is, error],
    Member = [node, alias, ip, port, inet, clock, state, num_of_vnodes, grp_level_1, grp_level_2],
    Ring = [vnode_id, node, clock],
    [{leo_storage_nodes, set, node_state, NodeState},
     {leo_gateway_nodes, set, node_state, NodeState},
     {leo_rebalance_info, set, rebalance_info, [vnode_id, node, total_of_objects, num_of_remains, when_is]},
     {leo_available_commands, set, cmd_state, [name, help, available]},
     {leo_del_bucket_state, set, del_bucket_state, [id, bucket_name, node, state, timestamp]},
     {leo_cluster_manager, set, cluster_manager, [node, cluster_id]},
     {leo_members_cur, set, member, Member},
     {leo_members_prev, set, member, Member},
     {leo_s3_credentials, set, credential, [access_key_id, secret_access_key, created_at]},
     {leo_s3_endpoints, set, endpoint, [endpoint, created_at]},
     {leo_s3_user_credential, set, user_credential, [user_id, access_key_id, created_at]},
     {leo_system_conf, set, system_conf_3,
      [version, cluster_id, dc_id, n, r, w, d, bit_of_ring, num_of_dc_replicas, mdcr_r, mdcr_w, mdcr_d,
       num_of_rack_replicas, max_mdc_targets]},
     {leo_cluster_info, set, cluster_info_2,
      [cluster_id, dc_id, n, r, w, d, bit_of_ring, num_of_dc_replicas, mdcr_r, mdcr_w, mdcr_d,
       num_of_rack_replicas, max_mdc_targets]},
     {leo_cluster_stat, set, cluster_stat_1, [cluster_id, state, checksum, updated_at]},
     {leo_cluster_member, set, cluster_member_1,
      [node, cluster_id, alias, ip, port, inet, clock, num_of_vnodes, state]},
     {leo_ring_cur, ordered_set, ring_0_16_8, Ring},
     {leo_ring_prv, ordered_set, ring_0_16_8, Ring},
     {leo_s3_buckets, set, bucket_2,
      [name, access_key_id, acls, cluster_id, redundancy_method, cp_params, ec_lib, ec_params, last_synchroized_at,
       created_at, last_modified_at, del]},
     {leo_s3_users, set, user_1, [id, password, role_id, created_at, updated_at, del]}].

%% Those that LeoFS creates some 4 s after the others, when its consoles answer already.
late() ->
    [{sv_metric_grp, set, sv_metric_group, [id, schema_name, name, window, step, callback, created_at]},
     {sv_columns, set, sv_column_1, [id, schema_name, name, type, constraint, updated_at, created_at, del]},
     {sv_schemas, set, sv_schema_1, [name, name_string, created_at]}].

all() -> [element(1, Table) || Table <- first() ++ late()].

create_first(Nodes) -> lists:foreach(fun(Table) -> create(Table, Nodes) end, first()).

%% A table that a premature load already made as "New table" stays as it is: memory only.
create_late(Nodes) -> lists:foreach(fun(Table) -> create(Table, Nodes) end, late()).

create({Table, Type, RecordName, Attributes}, Nodes) ->
    case mnesia:create_table(Table, [{disc_copies, Nodes}, {type, Type}, {record_name, RecordName},
                                     {attributes, Attributes}]) of
        {atomic, ok} -> ok;
        {aborted, {already_exists, Table}} -> ok
    end.

%% More than the schema itself.
exist() ->
    try length(mnesia:system_info(tables)) > 1
    catch exit:_ -> false
    end.

%% SystemConf: the fields of a leo_system_conf row after its version.
insert_defaults(SystemConf) ->
    Now = ?MODULE:now(),
    [ClusterId | _] = SystemConf,
    Rows =
        [{leo_s3_users, {user_1, ?DEFAULT_USER, <<>>, 9, Now, Now, false}},
         {leo_s3_user_credential, {user_credential, ?DEFAULT_USER, ?DEFAULT_KEY, Now}},
         {leo_s3_credentials, {credential, ?DEFAULT_KEY, ?DEFAULT_SECRET, Now}},
         {leo_s3_endpoints, {endpoint, <<"localhost">>, Now}},
         {leo_s3_endpoints, {endpoint, <<"s3.amazonaws.com">>, Now}},
         {leo_system_conf, list_to_tuple([system_conf_3, 1 | SystemConf])},
         {leo_cluster_info, list_to_tuple([cluster_info_2, ClusterId | tl(SystemConf)])}]
        ++ [{leo_available_commands, {cmd_state, Name, Help, true}} || {Name, Help} <- sandbox_commands:all()],
    write(Rows).

insert_late() ->
    Now = ?MODULE:now(),
    Group = <<"vm_stats">>,
    Columns = ["vm-total-mem", "vm-procs-mem", "vm-system-mem", "vm-ets-mem", "vm-proc-count", "vm-allocated-mem",
               "vm-used-per-allocated-mem"],
    write([{sv_schemas, {sv_schema_1, Group, [], Now}}]
          ++ [{sv_columns, {sv_column_1, {Group, list_to_binary(Name)}, Group, list_to_binary(Name), histogram_uniform,
                            [{sample, 3000}], Now, Now, false}} || Name <- Columns]
          ++ [{sv_metric_grp, {sv_metric_group, {Group, Name}, Group, Name, Seconds, Seconds, leo_metrics_vm_notifier,
                               Now}} || {Name, Seconds} <- [{<<"vm_stats_1m">>, 60}, {<<"vm_stats_5m">>, 300}]]).

write(Rows) ->
    {atomic, ok} =
        mnesia:transaction(fun() -> lists:foreach(fun({Table, Row}) -> mnesia:write(Table, Row, write) end, Rows) end),
    ok.

%% What a slave, whose conf has no system.* and consistency.*, would write: LeoFS's record defaults.
default_system_conf() ->
    [leofs_1, dc_1, 1, 1, 1, 1, 128, 1, 1, 1, 1, 0, 2].

%% LeoFS keeps times as Gregorian seconds.
now() ->
    calendar:datetime_to_gregorian_seconds(calendar:universal_time()).
