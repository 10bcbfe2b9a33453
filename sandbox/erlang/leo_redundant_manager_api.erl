%% The ring as a node sees it. One module for every node of the sandbox:
%%   on a manager the ring is in the Mnesia tables leo_ring_cur and leo_ring_prv, read in the order of the table's type, so that
%%     an unordered ("New table") ring gives another hash than the ordered one, as in LeoFS;
%%   on a storage or gateway node it is what a manager pushed last (synchronize/1), always kept in the order of the vnode ids.
%% Vnode ids are MD5("<alias>_<n>"), alias is "node_" and the first 8 hex digits of MD5(node name), as in LeoFS's own tables.
-module(leo_redundant_manager_api).
-export([checksum/1, synchronize/1, stay/1, get_ring/0, get_members/0, node_alias/1, vnode_ids/2, hash/1, hex/1]).

-define(STORE, {?MODULE, pushed}).

%% {ok, {Current, Previous}}; -1 stands for "no ring".
checksum(ring) ->
    {Cur, Prev} = get_ring(),
    {ok, {hash(Cur), hash(Prev)}};
checksum(member) ->
    {ok, {hash(get_members()), hash(get_members())}}.

%% {CurrentRows, PreviousRows}, rows are {VNodeId, Node, Clock}.
get_ring() ->
    case is_manager() of
        true -> {rows(leo_ring_cur), rows(leo_ring_prv)};
        false -> {pushed(ring_cur), pushed(ring_prev)}
    end.

get_members() ->
    case is_manager() of
        true -> rows(leo_members_cur);
        false -> pushed(members)
    end.

%% Called on a storage or gateway node by a manager (rpc). An empty ring never replaces a ring. A node whose ring was made
%% to `stay` keeps what it has, as some in the field do.
synchronize(Pushed) ->
    case persistent_term:get({?MODULE, stays}, false) of
        true -> checksum(ring);
        false -> keep(Pushed)
    end.

%% Makes a node keep another ring than the managers' (`[]`: no ring), whatever they push.
stay(Rows) ->
    persistent_term:put({?MODULE, stays}, true),
    persistent_term:put(?STORE, #{ring_cur => Rows, ring_prev => Rows}),
    checksum(ring).

keep(Pushed) ->
    Sorted = [{Key, lists:sort(Rows)} || {Key, Rows} <- Pushed, is_list(Rows), Rows =/= []],
    persistent_term:put(?STORE, maps:merge(persistent_term:get(?STORE, #{}), maps:from_list(Sorted))),
    checksum(ring).

node_alias(Node) ->
    "node_" ++ lists:sublist(hex_bytes(erlang:md5(atom_to_list(Node))), 8).

vnode_ids(Node, Count) ->
    [vnode_id(node_alias(Node), N) || N <- lists:seq(0, Count - 1)].

%% Hash over {VNodeId, Node}: the clocks do not count, or two formations of one cluster would differ.
hash([]) -> -1;
hash(Rows) -> erlang:crc32(term_to_binary([without_clock(Row) || Row <- Rows])).

%% As the text console prints it: 8 digits, nothing without a ring.
hex(Hash) when is_integer(Hash), Hash > 0 -> lists:flatten(io_lib:format("~8.16.0b", [Hash]));
hex(_) -> "".

without_clock({VNodeId, Node, _Clock}) -> {VNodeId, Node};
without_clock(Row) -> Row.

vnode_id(Alias, N) ->
    <<Id:128>> = erlang:md5(Alias ++ "_" ++ integer_to_list(N)),
    Id.

hex_bytes(Bytes) ->
    lists:flatten([io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes]).

is_manager() ->
    whereis(sandbox_manager) =/= undefined.

pushed(Key) ->
    maps:get(Key, persistent_term:get(?STORE, #{}), []).

rows(Table) ->
    try in_order(mnesia:table_info(Table, type), mnesia:dirty_select(Table, [{'_', [], ['$_']}]))
    catch exit:{aborted, _} -> []
    end.

%% An unordered table gives its rows in the order of a hash. Today's ets salts that hash for each table; LeoFS's does not.
in_order(ordered_set, Rows) -> [fields(Row) || Row <- Rows];
in_order(_, Rows) -> [Fields || {_, Fields} <- lists:sort([{erlang:phash2(element(2, Row)), fields(Row)} || Row <- Rows])].

fields(Row) -> list_to_tuple(tl(tuple_to_list(Row))).
