%% Which storage and gateway nodes this manager knows and watches: registration, and what happens when one goes.
-module(sandbox_monitor).
-behaviour(gen_server).
-export([start_link/0, register/5, ask_to_register/0, reported/3, init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(REGISTER, "leo_manager_cluster_monitor:register_fun_1/2").

start_link() ->
    gen_server:start_link({local, leo_manager_cluster_monitor}, ?MODULE, [], []).

register(Type, Node, Pid, NumOfVNodes, RpcPort) ->
    gen_server:call(leo_manager_cluster_monitor, {register, Type, Node, Pid, NumOfVNodes, RpcPort}, 10000).

%% 200 ms after the tables are there: nodes that the tables name may have registered at a manager that is gone.
ask_to_register() ->
    erlang:send_after(200, leo_manager_cluster_monitor, ask_to_register).

%% The ring hashes that a node gave for itself. A row is only written when that changes something.
reported(Type, Node, {Cur, Prev}) ->
    Hashes = {leo_redundant_manager_api:hex(Cur), leo_redundant_manager_api:hex(Prev)},
    Table = table(Type),
    sandbox_db:change(Table, Node,
                      fun([{node_state, N, State, _, _, _, Error}]) ->
                              [{node_state, N, State, element(1, Hashes), element(2, Hashes), sandbox_tables:now(), Error}];
                         ([]) -> []
                      end,
                      fun({node_state, _, _, C, P, _, _}) -> {C, P} end).

init([]) -> {ok, #{}}.

handle_call({register, Type, Node, Pid, NumOfVNodes, RpcPort}, _From, Watched) ->
    case enter(Type, Node, NumOfVNodes, RpcPort) of
        ok ->
            spawn(fun() -> sandbox_ring_sync:push(Type, Node) end),
            {reply, ok, watch(Type, Node, Pid, Watched)};
        {error, Reason} ->
            sandbox_log:error(?REGISTER, 517, [{cause, Reason}]),
            {reply, {error, Reason}, Watched}
    end.

handle_cast(_, Watched) -> {noreply, Watched}.

handle_info(ask_to_register, Watched) ->
    spawn(fun() ->
                  [rpc:cast(Node, leo_manager_api:api_of(Type), register_in_monitor, [again])
                   || Type <- [storage, gateway], Node <- sandbox_db:keys(table(Type))]
          end),
    {noreply, Watched};
handle_info({'DOWN', Ref, process, _, _}, Watched) ->
    case maps:take(Ref, Watched) of
        {{Type, Node, _}, Rest} ->
            gone(Type, Node),
            {noreply, Rest};
        error ->
            {noreply, Watched}
    end;
handle_info(_, Watched) ->
    {noreply, Watched}.

watch(Type, Node, Pid, Watched) ->
    case [Ref || {Ref, {_, _, P}} <- maps:to_list(Watched), P =:= Pid] of
        [] -> Watched#{erlang:monitor(process, Pid) => {Type, Node, Pid}};
        _ -> Watched
    end.

enter(Type, Node, NumOfVNodes, RpcPort) ->
    case mnesia:system_info(is_running) of
        yes -> entered(mnesia:transaction(fun() -> enter_row(Type, Node, NumOfVNodes, RpcPort) end));
        _ -> {error, "Mnesia is not available"}
    end.

entered({atomic, ok}) -> ok;
entered({aborted, Reason}) -> {error, {aborted, Reason}}.

enter_row(gateway, Node, _, _) ->
    case mnesia:read(leo_gateway_nodes, Node) of
        [{node_state, _, running, _, _, _, _}] -> ok;
        _ -> mnesia:write(leo_gateway_nodes, {node_state, Node, running, "", "", sandbox_tables:now(), 0}, write)
    end;
enter_row(storage, Node, NumOfVNodes, RpcPort) ->
    case mnesia:read(leo_members_cur, Node) of
        [{member, _, _, _, _, _, _, State, _, _, _}] when State =:= stop; State =:= restarted ->
            set_state(Node, running),
            mnesia:write(leo_storage_nodes, {node_state, Node, undefined, "", "", sandbox_tables:now(), 0}, write);
        [_] ->
            ok;
        [] ->
            attach(Node, NumOfVNodes, RpcPort)
    end.

%% Unknown here: it waits as `attached` for `start` (or, on a running system, for a rebalance).
attach(Node, NumOfVNodes, RpcPort) ->
    [_, Host] = string:split(atom_to_list(Node), "@"),
    Clock = os:system_time(microsecond),
    Member = {member, Node, leo_redundant_manager_api:node_alias(Node), Host, RpcPort, ipv4, Clock, attached,
              NumOfVNodes, [], []},
    mnesia:write(leo_members_cur, Member, write),
    mnesia:write(leo_storage_nodes, {node_state, Node, undefined, "", "", sandbox_tables:now(), 0}, write).

%% A running node becomes `stop` with blank hashes (a gateway's are "-1" in LeoFS); one that was only attached is forgotten.
%% The state of a storage node is its member's; LeoFS leaves the field of leo_storage_nodes undefined.
gone(Type, Node) ->
    Result = mnesia:transaction(fun() -> gone_row(Type, Node) end),
    sandbox_log:info("leo_manager_cluster_monitor:handle_info/2", 0, [{down, Node}, {result, Result}]).

gone_row(gateway, Node) ->
    mnesia:write(leo_gateway_nodes, {node_state, Node, stop, "-1", "-1", sandbox_tables:now(), 0}, write);
gone_row(storage, Node) ->
    case mnesia:read(leo_members_cur, Node) of
        [{member, _, _, _, _, _, _, attached, _, _, _}] ->
            mnesia:delete({leo_members_cur, Node}),
            mnesia:delete({leo_storage_nodes, Node});
        [_] ->
            set_state(Node, stop),
            mnesia:write(leo_storage_nodes, {node_state, Node, undefined, "", "", sandbox_tables:now(), 0}, write);
        [] ->
            ok
    end.

set_state(Node, State) ->
    [case mnesia:read(Table, Node) of
         [Member] -> mnesia:write(Table, setelement(8, Member, State), write);
         [] -> ok
     end || Table <- [leo_members_cur, leo_members_prev]],
    ok.

table(storage) -> leo_storage_nodes;
table(gateway) -> leo_gateway_nodes.
