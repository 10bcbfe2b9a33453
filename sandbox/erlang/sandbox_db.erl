%% Reading and writing the manager's tables.
-module(sandbox_db).
-export([rows/1, read/2, keys/1, change/4, running/0]).

%% All rows in a transaction: {ok, Rows} | {error, {aborted, Reason}}, the reason as the console prints it.
rows(Table) ->
    case mnesia:transaction(fun() -> mnesia:select(Table, [{'_', [], ['$_']}]) end) of
        {atomic, Rows} -> {ok, Rows};
        {aborted, Reason} -> {error, {aborted, Reason}}
    end.

read(Table, Key) ->
    case mnesia:transaction(fun() -> mnesia:read(Table, Key) end) of
        {atomic, [Row]} -> {ok, Row};
        {atomic, []} -> {error, not_found};
        {aborted, Reason} -> {error, {aborted, Reason}}
    end.

keys(Table) ->
    try mnesia:dirty_all_keys(Table)
    catch exit:{aborted, _} -> []
    end.

%% Change([Row] | []) -> [NewRow] | []. Nothing is written when Of(Row) is what it was.
change(Table, Key, Change, Of) ->
    mnesia:transaction(
      fun() ->
              Old = mnesia:read(Table, Key),
              case Change(Old) of
                  [New] when Old =:= [] -> mnesia:write(Table, New, write);
                  [New] -> [Row] = Old, Of(Row) =:= Of(New) orelse mnesia:write(Table, New, write);
                  [] -> ok
              end
      end).

%% A Mnesia that is stopping counts, as in LeoFS: what is asked of it then fails in its own words.
running() -> lists:member(mnesia:system_info(is_running), [yes, stopping]).
