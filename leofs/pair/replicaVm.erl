%% The temporary VM under a manager's own node name. Expressions, OTP 18.3 and later.
%% Second line of its input: Name Cookie Directory, each in base64. It says `ready`, and is then a Mnesia with a schema in
%% memory. A line `.` says that it is still wanted, `end` that its replica is to be closed. Without either for a minute,
%% or at the end of its input, it stops.
Say = fun(Format, Values) -> io:format("=vm " ++ Format ++ "~n", Values) end,
[Name, Cookie, Directory] =
  [binary_to_list(base64:decode(Word)) || Word <- string:tokens(io:get_line(""), " \n")],
Parent = self(),
Reader = spawn(fun Read() -> Parent ! {input, io:get_line("")}, receive more -> Read() end end),
Begin = fun Begin(Tries) ->
  case net_kernel:start([list_to_atom(Name), longnames]) of
    {ok, _} -> ok;
    _ when Tries > 0 -> timer:sleep(1000), Begin(Tries - 1);
    Failed -> Failed
  end
end,
case Begin(20) of
  ok ->
    true = erlang:set_cookie(node(), list_to_atom(Cookie)),
    _ = application:load(mnesia),
    ok = application:set_env(mnesia, dir, Directory),
    case mnesia:start() of
      ok -> Say("ready", []);
      Refused -> Say("~w", [Refused]), halt(1)
    end;
  NoName -> Say("name ~w", [NoName]), halt(1)
end,
Serve = fun Serve() ->
  receive
    {input, ".\n"} -> Reader ! more, Serve();
    {input, "end\n"} ->
      mnesia:dump_log(),
      stopped = mnesia:stop(),
      Say("closed", []),
      halt(0);
    {input, _} -> mnesia:stop(), halt(1)
  after 60000 -> mnesia:stop(), halt(1)
  end
end,
Serve()
