%% What storage and gateway nodes call on a manager, and what a manager calls on them. All by rpc, names as in LeoFS.
%%
%% THE CONTRACT
%%
%% Node -> manager:  rpc:call(Manager, leo_manager_api, register, [Type, Node, Pid, NumOfVNodes, RpcPort], 10000)
%%     Type         storage | gateway
%%     Node         node()
%%     Pid          a process that lives as long as the node; the manager monitors it: gone => state `stop`, blank ring hashes
%%     NumOfVNodes  168 (ignored for a gateway);  RpcPort  e.g. 13077 (ignored for a gateway)
%%   returns  ok               the node is known and watched here
%%            {error, Reason}  no tables here (yet): try the next manager of the list, and again after a while
%%   A storage node registers at its start, at the FIRST manager of its list that answers ok, and tries again every 3 s until
%%   one does. A gateway does that every SANDBOX_REGISTER_MS (5 s), for ever. Registering again changes nothing if nothing changed.
%%
%% Manager -> node, Api is leo_storage_api or leo_gateway_api:
%%     Api:update_manager_nodes([Master, Slave]) -> ok    in memory only: application env `managers`, membership monitors
%%     Api:register_in_monitor(again)            -> ok    register once more, asynchronously (a manager came up)
%%     Api:get_node_status()                     -> {ok, [{version, "1.4.4"} | _]}   (1.5.0 on a gateway)
%%     leo_redundant_manager_api:synchronize([{members, M}, {ring_cur, C}, {ring_prev, P}, {system_conf, [S]}]) -> {ok, {Cur, Prev}}
%%     leo_redundant_manager_api:checksum(ring)  -> {ok, {Cur, Prev}}
%%   The last two are in the module leo_redundant_manager_api, which is the same on all nodes: nothing to write for them.
%%   The manager pushes members and ring after each registration, when the ring changes, and every 10 s to whoever differs.
-module(leo_manager_api).
-export([register/5, ready/0, get_version/0, api_of/1]).

register(Type, Node, Pid, NumOfVNodes, RpcPort) ->
    sandbox_monitor:register(Type, Node, Pid, NumOfVNodes, RpcPort).

%% What `leo_manager ready` asks.
ready() ->
    case sandbox_startup:ready() of
        true -> ok;
        false -> not_ready
    end.

%% What `version all` asks of the partner.
get_version() ->
    {ok, Version} = application:get_env(leo_manager, system_version),
    {ok, Version}.

api_of(storage) -> leo_storage_api;
api_of(gateway) -> leo_gateway_api.
