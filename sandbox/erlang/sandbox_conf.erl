%% Makes etc/app.config and etc/vm.args from etc/leo_manager.conf, with the reading rules of LeoFS's own generator:
%% leo_manager.d/*.conf come after the conf, the last of several lines of a key counts, unknown keys are ignored, a `#` behind
%% a value belongs to the value, quotes too. An empty value, a line without `=` or a bad number: nothing is written, exit 1.
%% Without a conf the defaults of the installed schema count, whatever the folder is called.
%%
%% erl -run sandbox_conf main ETC [SCHEMAS]: prints the two files it wrote, for the launch script to put in place.
-module(sandbox_conf).
-export([main/1, generate/2, parse/1]).

main([Etc]) -> main([Etc, Etc]);
main([Etc, Schemas]) ->
    Status =
        try
            {ok, Schema} = file:consult(filename:join(Schemas, "leo_manager.schema")),
            {AppConfig, VmArgs} = generate(Schema, read(Etc)),
            Stamp = stamp(),
            App = filename:join(Etc, "app." ++ Stamp ++ ".config"),
            Vm = filename:join(Etc, "vm." ++ Stamp ++ ".args"),
            ok = file:write_file(App, AppConfig),
            ok = file:write_file(Vm, VmArgs),
            io:format("~s ~s~n", [App, Vm]),
            0
        catch
            throw:{conf, Text} -> io:format(standard_error, "~s~n", [Text]), 1;
            _:Reason -> io:format(standard_error, "leo_manager.conf could not be read: ~0p~n", [Reason]), 1
        end,
    halt(Status).

read(Etc) ->
    Files = [filename:join(Etc, "leo_manager.conf")
             | lists:sort(filelib:wildcard(filename:join([Etc, "leo_manager.d", "*.conf"])))],
    lists:foldl(fun(File, Settings) -> maps:merge(Settings, parse(text(File))) end, #{}, Files).

text(File) ->
    case file:read_file(File) of
        {ok, Text} -> Text;
        {error, enoent} -> <<>>
    end.

parse(Text) ->
    Lines = [string:trim(Line) || Line <- string:split(Text, "\n", all)],
    maps:from_list([setting(Line) || Line <- Lines, Line =/= <<>>, binary:first(Line) =/= $#]).

setting(Line) ->
    case [string:trim(Part) || Part <- string:split(Line, "=")] of
        [Key, Value] when Key =/= <<>>, Value =/= <<>> -> {binary_to_list(Key), binary_to_list(Value)};
        _ -> throw({conf, ["a line of leo_manager.conf is no setting: ", Line]})
    end.

%% {AppConfig, VmArgs} as text. Schema: what differs between the packages of master and slave.
generate(Schema, Settings) ->
    Of = fun(Key, Kind, Default) -> value(Key, Kind, maps:get(Key, Settings, undefined), Default) end,
    {io_lib:format("~p.~n", [app_config(Schema, Of)]), vm_args(Schema, Of)}.

value(_, _, undefined, Default) -> Default;
value(_, string, Text, _) -> Text;
value(_, atom, Text, _) -> list_to_atom(Text);
value(Key, integer, Text, _) ->
    try list_to_integer(Text)
    catch error:badarg -> throw({conf, [Key, " is no whole number: ", Text]})
    end.

app_config(Schema, Of) ->
    {_, Snmp} = lists:keyfind(snmp, 1, Schema),
    Port = Of("rpc.server.listen_port", integer, 13075),
    Node = Of("nodename", string, "manager_0@127.0.0.1"),
    [{leo_statistics, [{profile, false}]},
     {leo_redundant_manager,
      [{profile, false},
       {log_dir_ring, Of("log.ring_dir", string, "./log/ring")},
       {log_dir_member, Of("log.member_dir", string, "./log/ring")},
       {notify_mf, [leo_manager_api, notify]},
       {sync_mf, [leo_manager_api, synchronize]}]},
     {leo_mq, [{backend_db, leveldb}, {profile, false}]},
     {leo_logger, [{profile, false}]},
     {leo_backend_db, [{profile, false}]},
     {leo_rpc,
      [{connection_buffer_size, Of("rpc.client.connection_buffer_size", integer, 16)},
       {connection_pool_size, Of("rpc.client.connection_pool_size", integer, 16)},
       {listen_timeout, Of("rpc.server.listen_timeout", integer, 5000)},
       {listen_port, Port},
       {num_of_acceptors, Of("rpc.server.acceptors", integer, 16)},
       {node, list_to_atom(Node ++ ":" ++ integer_to_list(Port))}]},
     {leo_manager,
      [{snmp_agent, Of("snmp_agent", string, "./snmp/" ++ Snmp ++ "/LEO-MANAGER")},
       {queue_dir, Of("queue_dir", string, "./work/queue")},
       {log_dir, Of("log.erlang", string, "./log/erlang")},
       {log_level, Of("log.log_level", integer, 1)},
       {num_of_histories, Of("console.histories.num_of_display", integer, 200)},
       {num_of_acceptors_json, Of("console.acceptors.json", integer, 16)},
       {num_of_acceptors_cui, Of("console.acceptors.cui", integer, 3)},
       {port_json, Of("console.port.json", integer, 10020)},
       {port_cui, Of("console.port.cui", integer, 10010)},
       {bind_address, Of("console.bind_address", string, "loopback")},
       {manager_mode, Of("manager.mode", atom, proplists:get_value(manager_mode, Schema))},
       {system_version, "1.4.4"}]
      ++ partners(Of("manager.partner", atom, undefined))
      ++ system(proplists:get_value(manager_mode, Schema), Of)
      ++ [{log_appender, [{file, [{path, Of("log.app", string, "./log/app")}]}]}]},
     {mnesia,
      [{dc_dump_limit, Of("mnesia.dc_dump_limit", integer, 40)},
       {dump_log_write_threshold, Of("mnesia.dump_log_write_threshold", integer, 50000)},
       {dir, Of("mnesia.dir", string, "./work/mnesia/127.0.0.1")}]},
     {sasl,
      [{error_logger_mf_maxfiles, 5}, {error_logger_mf_maxbytes, 10485760}, {error_logger_mf_dir, "./log/sasl"},
       {errlog_type, error}, {sasl_error_logger, {file, "./log/sasl/sasl-error.log"}}]}].

partners(undefined) -> [];
partners(Partner) -> [{manager_partners, [Partner]}].

%% Only the master's schema knows these keys.
system(slave, _) -> [];
system(master, Of) ->
    [{system,
      [{dc_id, Of("system.dc_id", atom, dc_1)},
       {cluster_id, Of("system.cluster_id", atom, leofs_1)},
       {n, Of("consistency.num_of_replicas", integer, 1)},
       {w, Of("consistency.write", integer, 1)},
       {r, Of("consistency.read", integer, 1)},
       {d, Of("consistency.delete", integer, 1)},
       {bit_of_ring, 128},
       {max_mdc_targets, Of("mdc_replication.max_targets", integer, 2)},
       {num_of_dc_replicas, Of("mdc_replication.num_of_replicas_a_dc", integer, 1)},
       {mdcr_w, Of("mdc_replication.consistency.write", integer, 1)},
       {mdcr_r, Of("mdc_replication.consistency.read", integer, 1)},
       {mdcr_d, Of("mdc_replication.consistency.delete", integer, 1)},
       {num_of_rack_replicas, Of("consistency.rack_aware_replicas", integer, 0)}]}].

vm_args(Schema, Of) ->
    {_, Snmp} = lists:keyfind(snmp, 1, Schema),
    Number = fun(Key, Default) -> integer_to_list(Of(Key, integer, Default)) end,
    Hidden = ["-hidden " || proplists:get_value(manager_mode, Schema) =:= slave],
    lists:join("\n",
               [["-config ./snmp/", Snmp, "/leo_manager_snmp"]]
               ++ Hidden
               ++ [["-smp ", Of("erlang.smp", string, "enable")],
                   ["-env ERL_MAX_ETS_TABLES ", Number("erlang.max_ets_tables", 256000)],
                   ["-env ERL_CRASH_DUMP ", Of("erlang.crash_dump", string, "./log/erl_crash.dump")],
                   "-env ERL_FULLSWEEP_AFTER 0",
                   ["-env ERL_MAX_PORTS ", Number("erlang.max_ports", 64000)],
                   ["+A ", Number("erlang.asyc_threads", 32)],
                   ["+K ", Of("erlang.kernel_poll", string, "true")],
                   ["-setcookie ", Of("distributed_cookie", string, "leofs")],
                   ["-name ", Of("nodename", string, "manager_0@127.0.0.1")],
                   ["+P ", Number("process_limit", 1048576)]]).

%% As LeoFS's generator names its files until the launch script moves them.
stamp() ->
    {{Y, Mo, D}, {H, Mi, S}} = calendar:local_time(),
    lists:flatten(io_lib:format("~w.~2..0w.~2..0w.~2..0w.~2..0w.~2..0w", [Y, Mo, D, H, Mi, S])).
