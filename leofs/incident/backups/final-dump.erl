%% Dumps a copy of the Mnesia files of a stopped manager. Expressions after those of node.erl and
%% write-dump.erl, OTP 18.3 and later.
%%
%% Mnesia opens its files only under a node name that its schema lists. The VM takes that name without the host's epmd:
%% nobody finds it, and the manager itself may start meanwhile. Exit code 75: not done within its limit; 98: its port is
%% taken.
Value = fun(Name) -> os:getenv("MNESIA_" ++ Name) end,
Limit = list_to_integer(Value("LIMIT")),
spawn(fun() -> timer:sleep(Limit), io:format("not loaded within ~b s~n", [Limit div 1000]), halt(75) end),
case Register(fun() -> net_kernel:start([list_to_atom(Value("NODE")), longnames]) end) of
  {ok, _} -> erlang:set_cookie(node(), list_to_atom(Value("COOKIE")));
  {error, eaddrinuse} -> halt(98);
  Unnamed -> io:format("~P~n", [Unnamed, 16]), halt(1)
end,
Result = (catch begin
  application:load(mnesia),
  ok = application:set_env(mnesia, dir, Value("COPY")),
  ok = mnesia:start(),
  Tables = mnesia:system_info(local_tables) -- [schema],
  [mnesia:force_load_table(Table) || Table <- Tables],
  ok = mnesia:wait_for_tables(Tables, Limit),
  Dump = Value("DUMP"),
  ok = WriteDump(Dump ++ ".partial"),
  ok = file:rename(Dump ++ ".partial", Dump)
end),
case Result of
  ok -> halt(0);
  _ ->
    Why = case Result of {'EXIT', {{badmatch, Answer}, _}} -> Answer; {'EXIT', {Reason, _}} -> Reason; _ -> Result end,
    %% On one line of its own: what Mnesia's processes report as they end is printed around it.
    io:format("~nproblem: ~s~n", [re:replace(io_lib:format("~P", [Why, 30]), "\\s+", " ", [global])]),
    halt(1)
end
