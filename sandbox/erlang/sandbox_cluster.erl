%% Commands about the cluster: its state, its nodes, who follows which managers, its ring.
-module(sandbox_cluster).
-export([status/0, node_status/1, versions/0, start/0, rebalance/0, update_managers/2, set_state/2, remove_gateway/1,
         whereis/1, dump_ring/1, dump_ring_here/0]).

%% {status, SystemConfRow, {CurHash, PrevHash}, [{Type, Node, State, RackId, RingCur, RingPrev, When}]}
status() ->
    case sandbox_db:running() of
        false -> {error, "Mnesia is not available"};
        true ->
            case sandbox_db:rows(leo_system_conf) of
                {ok, [Conf | _]} ->
                    {ok, Hashes} = leo_redundant_manager_api:checksum(ring),
                    {status, Conf, Hashes, storages() ++ gateways()};
                {ok, []} -> {error, "Could not get the system-config"};
                {error, Cause} -> {error, Cause}
            end
    end.

%% A row without a member (restored tables, for one) crashes the command, as in LeoFS.
storages() ->
    {ok, Rows} = sandbox_db:rows(leo_storage_nodes),
    [begin
         {ok, Member} = sandbox_db:read(leo_members_cur, Node),
         {"S", Node, element(8, Member), element(11, Member), Cur, Prev, When}
     end || {node_state, Node, _, Cur, Prev, When, _} <- lists:keysort(2, Rows)].

gateways() ->
    {ok, Rows} = sandbox_db:rows(leo_gateway_nodes),
    [{"G", Node, State, "", Cur, Prev, When} || {node_state, Node, State, Cur, Prev, When, _} <- lists:keysort(2, Rows)].

%% Only storage and gateway nodes are known by name.
node_status(Node) ->
    Known = [{Type, Table} || {Type, Table} <- [{storage, leo_storage_nodes}, {gateway, leo_gateway_nodes}],
                              lists:member(Node, sandbox_db:keys(Table))],
    case Known of
        [{Type, _} | _] -> sandbox_node_status:ask(Type, Node);
        [] -> {error, not_found}
    end.

%% {versions, [{Type, Node, Version | undefined}]}: this manager, its configured partners, then whoever the tables name.
versions() ->
    Partners = application:get_env(leo_manager, manager_partners, []),
    Managers = [{"M", Node, manager_version(Node)} || Node <- [node() | Partners]],
    Storages = [{"S", Node, node_version(storage, Node)} || Node <- lists:sort(sandbox_db:keys(leo_members_cur))],
    Gateways = [{"G", Node, node_version(gateway, Node)} || Node <- lists:sort(sandbox_db:keys(leo_gateway_nodes))],
    {versions, Managers ++ Storages ++ Gateways}.

manager_version(Node) ->
    case rpc:call(Node, leo_manager_api, get_version, [], 5000) of
        {ok, Version} -> Version;
        _ -> undefined
    end.

node_version(Type, Node) ->
    case rpc:call(Node, leo_manager_api:api_of(Type), get_node_status, [], 5000) of
        {ok, Status} -> proplists:get_value(version, Status);
        _ -> undefined
    end.

%% The attached storage nodes become the cluster.
start() ->
    case members() of
        {ok, []} -> {error, "Storage cluster is not running, yet"};
        {ok, Members} ->
            {Cur, _} = leo_redundant_manager_api:get_ring(),
            case Cur of
                [] -> start(Members);
                _ -> {error, "Storage cluster already started"}
            end;
        {error, _} -> {error, "Could not get members (storage-nodes)"}
    end.

start(Members) ->
    _ = sandbox_ring_sync:build(),
    sandbox_ring_sync:push_all(),
    Count = length(Members),
    Progress = [io_lib:format("OK ~3w% - ~s", [N * 100 div Count, element(2, Member)])
                || {N, Member} <- lists:zip(lists:seq(1, Count), lists:keysort(2, Members))],
    {lines, ["Generating RING...", "Generated RING" | Progress], ok}.

rebalance() ->
    case members() of
        {ok, [_ | _]} -> {lines, ["Generating rebalance-list..."], {error, "Not need rebalance"}};
        _ ->
            sandbox_log:error("leo_manager_api:rebalance/1", 971, [{cause, not_found}]),
            {error, "Could not get members (storage-nodes)"}
    end.

%% Running storage nodes first, and only when all of them could be called every gateway that the table names, stopped
%% ones included. In their memory only; the names are not looked at; what the call itself returns neither. A gateway that
%% cannot be called crashes the command, after the others were told.
update_managers(Master, Slave) ->
    Running = case members() of
                  {ok, Members} -> [element(2, M) || M <- Members, element(8, M) =:= running];
                  _ -> []
              end,
    case tell(Running, leo_storage_api, [Master, Slave]) of
        _ when Running =:= [] -> {error, "Could not update manager(s)"};
        [] ->
            case sandbox_db:keys(leo_gateway_nodes) of
                [] -> {error, not_found};
                Gateways -> [] = tell(Gateways, leo_gateway_api, [Master, Slave]), ok
            end;
        _ -> {error, "Could not update manager(s)"}
    end.

tell([], _, _) -> [];
tell(Nodes, Api, Managers) ->
    {_, Bad} = rpc:multicall(Nodes, Api, update_manager_nodes, [Managers], 120000),
    Bad.

%% suspend and resume.
set_state(Node, State) ->
    Set = fun() ->
                  case mnesia:read(leo_members_cur, Node) of
                      [Member] -> mnesia:write(leo_members_cur, setelement(8, Member, State), write);
                      [] -> mnesia:abort(not_found)
                  end
          end,
    case mnesia:transaction(Set) of
        {atomic, ok} -> ok;
        {aborted, not_found} -> {error, "Node not exist"};
        {aborted, Reason} -> {error, {aborted, Reason}}
    end.

remove_gateway(Node) ->
    case sandbox_db:read(leo_gateway_nodes, Node) of
        {ok, {node_state, _, stop, _, _, _, _}} ->
            {atomic, ok} = mnesia:transaction(fun() -> mnesia:delete({leo_gateway_nodes, Node}) end),
            ok;
        {ok, _} -> {error, "still running"};
        {error, Cause} -> {error, Cause}
    end.

%% {whereis, [Node]}: who is responsible. The sandbox holds no objects, so it is always the answer for a path without one.
whereis(Path) ->
    <<Address:128>> = erlang:md5(Path),
    case leo_redundant_manager_api:get_ring() of
        {[], _} -> {error, "Could not get ring"};
        {Ring, _} ->
            [{_, Node, _} | _] = [Row || {Id, _, _} = Row <- lists:sort(Ring), Id >= Address] ++ lists:sort(Ring),
            {whereis, [Node]}
    end.

%% Members and rings as files on that node. A node that does not answer crashes the command.
dump_ring(Node) ->
    ok = rpc:call(Node, ?MODULE, dump_ring_here, [], 10000),
    ok.

dump_ring_here() ->
    {Cur, Prev} = leo_redundant_manager_api:get_ring(),
    Members = leo_redundant_manager_api:get_members(),
    Time = sandbox_tables:now(),
    [begin
         File = lists:flatten(io_lib:format("./log/ring/~s.dump.~w", [Name, Time])),
         ok = filelib:ensure_dir(File),
         ok = file:write_file(File, [io_lib:format("~p.~n", [Row]) || Row <- Rows])
     end || {Name, Rows} <- [{"members_cur", Members}, {"members_prev", Members}, {"ring_cur", Cur}, {"ring_prv", Prev}]],
    ok.

members() -> sandbox_db:rows(leo_members_cur).
