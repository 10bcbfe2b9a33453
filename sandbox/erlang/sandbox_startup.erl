%% How a manager gets its tables, LeoFS's own way:
%%   *.DCD files in the Mnesia directory: start Mnesia, wait for the tables (180 s), else stop the VM. The partner is not asked.
%%   none: ask every 3 s whether the partner's VM is there. The master then makes the schema on both; the slave only starts
%%   Mnesia and expects tables. A slave whose timer comes before the master's finds none and stops itself.
-module(sandbox_startup).
-behaviour(gen_server).
-export([start_link/0, ready/0, may_form/1, init/1, handle_continue/2, handle_call/3, handle_cast/2, handle_info/2]).

-define(STATE, sandbox_startup_state).
-define(LOG, "leo_manager_sup:create_mnesia_tables_2/1").

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

%% `leo_manager ready`: with files only when the tables are loaded, with an empty directory at once.
ready() -> application:get_env(leo_manager, ready, false).

%% Asked by the master of its partner before it makes the schema: yes | has_tables | busy (coming up, or giving up on itself).
may_form(Master) ->
    case application:get_env(leo_manager, ?STATE, starting) of
        waiting -> set(?STATE, {forming, Master}), yes;
        {forming, Master} -> yes;
        up -> has_tables;
        loading -> has_tables;
        _ -> busy
    end.

init([]) -> {ok, undefined, {continue, files}}.

handle_continue(files, State) ->
    _ = filelib:ensure_dir(mnesia_dir()),
    case filelib:wildcard(filename:join(mnesia_dir(), "*.DCD")) of
        [] ->
            set(?STATE, waiting),
            set(ready, true),
            case partners() of
                [] -> form([]);
                _ -> erlang:send_after(poll_ms(), self(), poll)
            end;
        _ ->
            set(?STATE, loading),
            case mnesia:start() of
                ok -> load();
                {error, Reason} -> give_up(425, [{cause, Reason}])
            end
    end,
    {noreply, State}.

handle_info(poll, State) ->
    case {application:get_env(leo_manager, ?STATE, waiting), alive(partners())} of
        {_, []} -> erlang:send_after(again_ms(), self(), poll);
        {{forming, _}, _} -> erlang:send_after(poll_ms(), self(), formed);
        {_, Alive} -> partner_is_there(mode(), Alive)
    end,
    {noreply, State};
handle_info(formed, State) ->
    case sandbox_tables:exist() of
        true -> up();
        false -> erlang:send_after(poll_ms(), self(), formed)
    end,
    {noreply, State};
handle_info(abandoned, State) ->
    expect_tables(),
    {noreply, State};
handle_info(late_tables, State) ->
    late_tables(),
    {noreply, State};
handle_info(loaded, State) ->
    up(),
    {noreply, State};
handle_info(_, State) ->
    {noreply, State}.

handle_call(_, _From, State) -> {reply, ok, State}.
handle_cast(_, State) -> {noreply, State}.

%% A partner that has a schema of its own leaves this manager without tables. One that is stopping is waited for.
partner_is_there(master, Partners) ->
    Answers = [rpc:call(Partner, ?MODULE, may_form, [node()], 5000) || Partner <- Partners],
    case {lists:usort(Answers), lists:member(has_tables, Answers)} of
        {[yes], _} -> form(Partners);
        {_, true} -> expect_tables();
        _ -> erlang:send_after(again_ms(), self(), poll)
    end;
partner_is_there(slave, _) ->
    expect_tables().

form(Partners) ->
    Nodes = [node() | Partners],
    _ = rpc:multicall(Nodes, mnesia, stop, [], 10000),
    case mnesia:create_schema(Nodes) of
        ok ->
            {_, []} = rpc:multicall(Nodes, mnesia, start, [], 10000),
            fails_while_forming() orelse form_tables(Nodes);
        {error, Reason} ->
            sandbox_log:error("leo_manager_sup:create_mnesia_tables_1/2", 373, [{cause, Reason}]),
            expect_tables()
    end.

%% As often as SANDBOX_FORM_FAILURES says: the master goes on without Mnesia for ever, and its partner finds no tables.
fails_while_forming() ->
    File = "work/failed_to_form",
    Failed = case file:read_file(File) of {ok, Text} -> binary_to_integer(Text); _ -> 0 end,
    case Failed < sandbox_manager:setting("SANDBOX_FORM_FAILURES", 0) of
        false -> false;
        true ->
            ok = file:write_file(File, integer_to_list(Failed + 1)),
            mnesia:stop(),
            sandbox_log:error("leo_manager_sup:create_mnesia_tables_1/2", 370, [{badmatch, {error, "Mnesia is not available"}}]),
            [{?MODULE, Partner} ! abandoned || Partner <- partners()],
            true
    end.

form_tables(Nodes) ->
    sandbox_tables:create_first(Nodes),
    sandbox_tables:insert_defaults(system_conf()),
    erlang:send_after(sandbox_manager:setting("SANDBOX_LATE_TABLES_MS", 4000), self(), late_tables),
    up().

expect_tables() ->
    _ = mnesia:start(),
    case sandbox_tables:exist() of
        true -> up();
        false -> give_up(440, [{cause, "Tables not exist"}])
    end.

%% Waits in a process of its own, so that the manager can be asked and stopped meanwhile.
load() ->
    case sandbox_tables:exist() of
        false -> give_up(440, [{cause, "Tables not exist"}]);
        true ->
            Tables = mnesia:system_info(tables) -- [schema],
            Parent = self(),
            spawn_link(fun() -> force(Tables), wait(Parent, Tables) end)
    end.

wait(Parent, Tables) ->
    case mnesia:wait_for_tables(Tables, sandbox_manager:setting("SANDBOX_TABLE_WAIT_MS", 180000)) of
        ok -> Parent ! loaded;
        {timeout, Bad} -> give_up(430, [{cause, "Mnesia: timeout of waiting for table"}, {bad_tables, Bad}]);
        {error, Reason} -> give_up(425, [{cause, Reason}])
    end.

%% `start force_load`
force(Tables) ->
    case lists:member("force_load", init:get_plain_arguments()) of
        true -> lists:foreach(fun mnesia:force_load_table/1, Tables);
        false -> ok
    end.

up() ->
    set(?STATE, up),
    set(ready, true),
    sandbox_log:info("leo_manager_sup:create_mnesia_tables_2/1", 0, [{tables, length(mnesia:system_info(tables)) - 1}]),
    sandbox_monitor:ask_to_register().

late_tables() ->
    Nodes = mnesia:table_info(schema, disc_copies),
    try
        sandbox_tables:create_late(Nodes),
        sandbox_tables:insert_late(),
        late_step(sandbox_manager:setting("SANDBOX_LATE_STEP_MS", 0))
    catch Class:Reason -> sandbox_log:error("leo_metrics_vm:start_link/1", 68, [{cause, {Class, Reason}}])
    end.

%% LeoFS writes its statistics' definitions twice after a load: for a moment the step of vm_stats_5m is another.
late_step(0) -> ok;
late_step(Ms) ->
    spawn(fun() ->
                  {ok, _} = mnesia:subscribe({table, sv_metric_grp, simple}),
                  Row = loaded_row(),
                  Write = fun(One) -> {atomic, ok} = mnesia:transaction(fun() -> mnesia:write(sv_metric_grp, One, write) end) end,
                  Write(setelement(6, Row, 1)),
                  timer:sleep(Ms),
                  Write(Row)
          end).

loaded_row() ->
    receive
        {mnesia_table_event, {write, Row, _}} when element(4, Row) =:= <<"vm_stats_5m">> -> setelement(1, Row, sv_metric_group);
        _ -> loaded_row()
    end.

give_up(Line, Cause) ->
    set(?STATE, giving_up),
    set(quick_stop, true),
    sandbox_log:error(?LOG, Line, Cause),
    init:stop().

alive(Nodes) -> [Node || Node <- Nodes, net_adm:ping(Node) =:= pong].

poll_ms() ->
    Poll = sandbox_manager:setting("SANDBOX_PARTNER_POLL_MS", 3000),
    case mode() of
        master -> Poll;
        slave -> sandbox_manager:setting("SANDBOX_SLAVE_GIVE_UP_MS", Poll)
    end.

%% Asking takes time itself: a little less, so that of two managers the one that came first also asks first.
again_ms() -> poll_ms() * 9 div 10.

mode() -> application:get_env(leo_manager, manager_mode, master).

partners() -> application:get_env(leo_manager, manager_partners, []).

mnesia_dir() ->
    {ok, Dir} = application:get_env(mnesia, dir),
    Dir.

%% The conf's system.* and consistency.* in the order of the table, what is missing from LeoFS's record defaults.
system_conf() ->
    Given = application:get_env(leo_manager, system, []),
    Keys = [cluster_id, dc_id, n, r, w, d, bit_of_ring, num_of_dc_replicas, mdcr_r, mdcr_w, mdcr_d,
            num_of_rack_replicas, max_mdc_targets],
    [proplists:get_value(Key, Given, Default)
     || {Key, Default} <- lists:zip(Keys, sandbox_tables:default_system_conf())].

set(Key, Value) -> application:set_env(leo_manager, Key, Value).
