%% The ring: made by `start`, pushed to storage and gateway nodes, and compared with theirs every 10 s.
-module(sandbox_ring_sync).
-behaviour(gen_server).
-export([start_link/0, push/2, push_all/0, build/0, init/1, handle_call/3, handle_cast/2, handle_info/2]).

-define(PERIOD, 10000).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    erlang:send_after(?PERIOD, self(), compare),
    {ok, undefined}.

handle_info(compare, State) ->
    Self = self(),
    spawn(fun() -> compare(), erlang:send_after(?PERIOD, Self, compare) end),
    {noreply, State}.

handle_call(_, _From, State) -> {reply, ok, State}.
handle_cast(_, State) -> {noreply, State}.

%% Attached members become running, each with its vnodes in both rings; prev is what cur is. Returns the members.
build() ->
    {atomic, Members} = mnesia:transaction(fun build_rows/0),
    Members.

build_rows() ->
    Members = [setelement(8, Member, running) || Member <- mnesia:match_object(leo_members_cur, member_pattern(), read)],
    [begin
         mnesia:write(Table, Member, write),
         [mnesia:write(Ring, {ring_0_16_8, Id, element(2, Member), element(7, Member)}, write)
          || Id <- leo_redundant_manager_api:vnode_ids(element(2, Member), element(9, Member))]
     end || {Table, Ring} <- [{leo_members_cur, leo_ring_cur}, {leo_members_prev, leo_ring_prv}], Member <- Members],
    Members.

member_pattern() -> mnesia:table_info(leo_members_cur, wild_pattern).

push_all() ->
    [push(Type, Node) || {Type, Node} <- nodes_to_serve()],
    ok.

%% Gives a node this manager's members and ring, if there is one, and notes the hashes it then has.
push(Type, Node) ->
    {Cur, Prev} = leo_redundant_manager_api:get_ring(),
    SystemConf = case sandbox_db:rows(leo_system_conf) of {ok, Rows} -> Rows; _ -> [] end,
    Pushed = [{members, leo_redundant_manager_api:get_members()}, {ring_cur, Cur}, {ring_prev, Prev},
              {system_conf, SystemConf}],
    case rpc:call(Node, leo_redundant_manager_api, synchronize, [Pushed], 10000) of
        {ok, Hashes} -> sandbox_monitor:reported(Type, Node, Hashes);
        _ -> ok
    end.

compare() ->
    {ok, {Cur, _} = Mine} = leo_redundant_manager_api:checksum(ring),
    case sandbox_db:running() of
        true when Cur =:= -1 ->
            sandbox_log:error("leo_manager_api:get_members_of_all_versions/0", 316, [{cause, not_found}]);
        true ->
            [push(Type, Node) || {Type, Node} <- nodes_to_serve(),
                                 rpc:call(Node, leo_redundant_manager_api, checksum, [ring], 5000) =/= {ok, Mine}];
        false ->
            ok
    end.

nodes_to_serve() ->
    Storages = case sandbox_db:rows(leo_members_cur) of
                   {ok, Members} -> [element(2, M) || M <- Members, element(8, M) =:= running];
                   _ -> []
               end,
    Gateways = case sandbox_db:rows(leo_gateway_nodes) of
                   {ok, Rows} -> [element(2, R) || R <- Rows, element(3, R) =:= running];
                   _ -> []
               end,
    [{storage, Node} || Node <- Storages] ++ [{gateway, Node} || Node <- Gateways].
