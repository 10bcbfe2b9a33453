%% A storage or gateway node of the sandbox: everything of one that a recovery of the managers can notice.
%%   * reads `managers = [a@h, b@h]` from its conf at start, and refuses to start when one of them does not answer;
%%   * keeps that list in memory only (application env leo_storage|leo_gateway, `managers`), where update-managers changes it;
%%   * registers at the first of them that accepts; a gateway does so again and again.
-module(sandbox_node).
-export([start/1, type/0, app/0, update_managers/1, register_again/0, status/0]).

-define(VNODES, 168).
-define(RETRY_MS, 3000).

%% Called by the launch script: -run sandbox_node start storage|gateway
start([Name]) ->
    Type = list_to_atom(Name),
    Managers = configured_managers(Type),
    application:set_env(app(Type), managers, Managers),
    case [M || M <- Managers, net_adm:ping(M) =/= pong] of
        [] ->
            persistent_term:put(?MODULE, Type),
            register(?MODULE, spawn(fun() -> self() ! register, loop(Type) end));
        Silent ->
            refuse(Type, Silent)
    end.

type() -> persistent_term:get(?MODULE).
app() -> app(type()).

%% In memory only, and nothing about the names is checked: as in LeoFS.
update_managers(Managers) ->
    application:set_env(app(), managers, Managers),
    ok.

register_again() ->
    ?MODULE ! register,
    ok.

%% What `status <node>` and `version all` show.
status() ->
    {ok, {Cur, Prev}} = leo_redundant_manager_api:checksum(ring),
    {ok, [{version, version(type())}, {type, type()}, {num_of_vnodes, ?VNODES},
          {ring_cur, leo_redundant_manager_api:hex(Cur)}, {ring_prev, leo_redundant_manager_api:hex(Prev)},
          {vm_version, erlang:system_info(version)}, {num_of_procs, erlang:system_info(process_count)},
          {limit_of_procs, erlang:system_info(process_limit)}, {kernel_poll, true},
          {thread_pool_size, erlang:system_info(thread_pool_size)} | maps:to_list(memory())]}.

memory() ->
    maps:from_list([{total_mem_usage, erlang:memory(total)}, {system_mem_usage, erlang:memory(system)},
                    {proc_mem_usage, erlang:memory(processes)}, {ets_mem_usage, erlang:memory(ets)}]).

version(storage) -> "1.4.4";
version(gateway) -> "1.5.0".

app(storage) -> leo_storage;
app(gateway) -> leo_gateway.

%% A storage node is done once it was accepted; a gateway announces itself for ever.
loop(Type) ->
    receive
        register ->
            flush(),
            case {register_at(managers(Type), Type), Type} of
                {accepted, storage} -> ok;
                {accepted, gateway} -> erlang:send_after(register_ms(), self(), register);
                {refused, storage} -> erlang:send_after(?RETRY_MS, self(), register);
                {refused, gateway} -> erlang:send_after(register_ms(), self(), register)
            end,
            loop(Type);
        _ ->
            loop(Type)
    end.

flush() ->
    receive register -> flush() after 0 -> ok end.

register_at([], _Type) -> refused;
register_at([Manager | Others], Type) ->
    case rpc:call(Manager, leo_manager_api, register, [Type, node(), self(), ?VNODES, 13077], 10000) of
        ok -> accepted;
        _ -> register_at(Others, Type)
    end.

managers(Type) ->
    {ok, Managers} = application:get_env(app(Type), managers),
    Managers.

register_ms() ->
    list_to_integer(os:getenv("SANDBOX_REGISTER_MS", "5000")).

refuse(Type, Silent) ->
    App = atom_to_list(app(Type)),
    {{Y, Mo, D}, {H, Mi, S}} = calendar:universal_time(),
    Stamp = io_lib:format("~4..0w-~2..0w-~2..0w ~2..0w:~2..0w:~2..0w.0 +0000", [Y, Mo, D, H, Mi, S]),
    Line = io_lib:format("[E]\t~s\t~s\t~w\t~s_app:after_proc/1\t153\t[{cause,connection_failure},{error_nodes,~p}]~n",
                         [node(), Stamp, erlang:system_time(second), App, Silent]),
    ok = filelib:ensure_dir("log/app/error"),
    ok = file:write_file("log/app/error", Line, [append]),
    init:stop().

%% The last `managers` line of the conf counts; files in the .d directory come after the conf itself.
configured_managers(Type) ->
    Base = filename:join("etc", atom_to_list(app(Type))),
    Files = [Base ++ ".conf" | lists:sort(filelib:wildcard(Base ++ ".d/*.conf"))],
    Lines = lists:flatmap(fun lines/1, Files),
    Found = [Value || Line <- Lines, Value <- [managers_of(Line)], Value =/= none],
    lists:last([['manager_0@127.0.0.1', 'manager_1@127.0.0.1'] | Found]).

lines(File) ->
    case file:read_file(File) of
        {ok, Text} -> string:split(Text, "\n", all);
        {error, _} -> []
    end.

managers_of(Line) ->
    case re:run(Line, "^\\s*managers\\s*=\\s*(.*)$", [{capture, all_but_first, list}]) of
        {match, [Value]} -> [list_to_atom(Name) || Name <- string:lexemes(Value, "[ , ]\r\t")];
        nomatch -> none
    end.
