%% The asking VM: puts questions to running nodes. Expressions after those of node.erl, OTP 18.3 and later.
%%
%% Input, one line each. First `NAME COOKIE IDLE`, then questions `ID LIMIT NODE VALUES TEXT`: IDLE and LIMIT in
%% milliseconds, VALUES a term `[{'Name', Value}].` that TEXT finds bound, TEXT expressions. The others in base64.
%% Output: a line `=ID TERM` an answer, TERM in base64 of the external form: {ok, Value} | {error, Kind, Details}.
%% Other lines are what nodes print, and the runtime itself.
%%
%% Each question has a process of its own, so that none waits for another. The VM ends with its input, whatever hangs,
%% and by itself when nothing was asked for IDLE: a host does not see the end of a connection that is cut off.
Main = self(),
Split = fun(Line) -> [W || W <- binary:split(list_to_binary(Line), [<<" ">>, <<"\n">>], [global]), W =/= <<>>] end,
Plain = fun(Word) -> binary_to_list(base64:decode(Word)) end,
Text = fun(Term) -> lists:flatten(io_lib:format("~P", [Term, 16])) end,
Answer = fun(Id, Term) -> io:put_chars(["\n=", Id, " ", base64:encode(term_to_binary(Term)), "\n"]) end,
Terms = fun(Source) ->
  {ok, Tokens, _} = erl_scan:string(Source),
  {ok, Term} = erl_parse:parse_term(Tokens),
  Term
end,
Expressions = fun(Source) ->
  {ok, Tokens, _} = erl_scan:string("(fun() ->\n" ++ Source ++ "\nend)()."),
  {ok, Parsed} = erl_parse:parse_exprs(Tokens),
  Parsed
end,

Distribute = fun(Name, Cookie) ->
  Start = fun() -> net_kernel:start([list_to_atom(Name), longnames]) end,
  Started = case gen_tcp:connect(Loopback, EpmdPort, [Family], 2000) of
    {ok, Socket} -> gen_tcp:close(Socket), Start();
    _ -> case Register(Start) of {error, eaddrinuse} -> Start(); Done -> Done end
  end,
  case Started of
    {ok, _} -> erlang:set_cookie(node(), list_to_atom(Cookie)), ok;
    {error, Reason} -> {error, alone, Text(Reason)}
  end
end,

%% How far a node goes with a caller that has our cookie. The first steps of the distribution's handshake, which tell
%% its reasons apart: net_kernel keeps them to itself.
Handshake = fun(Socket) ->
  Recv = fun() -> gen_tcp:recv(Socket, 0, 3000) end,
  Prove = fun(Challenge) ->
    Digest = erlang:md5([atom_to_list(erlang:get_cookie()), integer_to_list(Challenge)]),
    gen_tcp:send(Socket, <<$r, 1:32, Digest/binary>>),
    case Recv() of
      {ok, <<$a, _/binary>>} -> accepted;
      {error, closed} -> cookie;
      _ -> mute
    end
  end,
  Flags = case erlang:function_exported(erts_internal, get_dflags, 0) of
    true -> element(2, erts_internal:get_dflags());
    false -> 16#30f9c
  end,
  Name = "check" ++ atom_to_list(node()),
  gen_tcp:send(Socket, case Flags band 16#1000000 of
    0 -> [<<$n, 5:16, Flags:32>>, Name];
    _ -> [<<$N, Flags:64, 1:32, (length(Name)):16>>, Name]
  end),
  case Recv() of
    {ok, <<"sok", _/binary>>} ->
      case Recv() of
        {ok, <<$n, _:16, _:32, Challenge:32, _/binary>>} -> Prove(Challenge);
        {ok, <<$N, _:64, Challenge:32, _/binary>>} -> Prove(Challenge);
        {error, timeout} -> mute;
        _ -> closed
      end;
    {ok, <<"snot_allowed">>} -> not_allowed;
    {error, timeout} -> mute;
    _ -> closed
  end
end,
%% Why a node does not accept a connection, by what its host's epmd says of it, and what it says itself.
Refusal = fun(Node) ->
  [Name, Host] = string:tokens(atom_to_list(Node), "@"),
  Reached = case inet:getaddr(Host, Family) of
    {ok, Address} ->
      case gen_tcp:connect(Address, EpmdPort, [Family], 3000) of
        {ok, Epmd} -> gen_tcp:close(Epmd), net_adm:names(Address);
        Failed -> Failed
      end;
    _ -> unknown
  end,
  case Reached of
    unknown -> {error, address, Host};
    {error, Silent} -> {error, no_epmd, {Host, EpmdPort, Text(Silent)}};
    {ok, Names} ->
      case lists:keyfind(Name, 1, Names) of
        false -> {error, absent, {Host, EpmdPort, [N || {N, _} <- Names]}};
        {_, Port} ->
          case gen_tcp:connect(Host, Port, [Family, binary, {active, false}, {packet, 2}], 3000) of
            {ok, Socket} -> {error, Handshake(Socket), {Host, Port}};
            {error, Closed} -> {error, port, {Host, Port, Text(Closed)}}
          end
      end
  end
end,
Connected = fun(Node) -> lists:member(Node, nodes(connected)) end,
Put = fun(Node, Values, Source, Limit) ->
  case rpc:call(Node, erl_eval, exprs, [Expressions(Source), lists:sort(Values)], Limit) of
    {value, Value, _} -> {ok, Value};
    {badrpc, nodedown} -> {error, lost, []};
    {badrpc, timeout} -> {error, timeout, true};
    {badrpc, {'EXIT', Why}} -> {error, failed, Text(Why)};
    Other -> {error, failed, Text(Other)}
  end
end,
Question = fun([NodeWord, ValuesWord, SourceWord], Limit) ->
  Node = list_to_atom(Plain(NodeWord)),
  case Connected(Node) orelse net_kernel:hidden_connect_node(Node) of
    true -> Put(Node, Terms(Plain(ValuesWord)), Plain(SourceWord), Limit);
    _ -> Refusal(Node)
  end
end,
Work = fun(Ready, Id, Limit, Words) ->
  {Pid, Watch} = spawn_monitor(fun() ->
    exit({answer, case Ready of ok -> (catch Question(Words, Limit)); NotReady -> NotReady end})
  end),
  Reply = receive
    {'DOWN', Watch, process, Pid, {answer, {'EXIT', Why}}} -> {error, failed, Text(Why)};
    {'DOWN', Watch, process, Pid, {answer, Answered}} -> Answered;
    {'DOWN', Watch, process, Pid, Why} -> {error, failed, Text(Why)}
  after Limit + 500 ->
    exit(Pid, kill),
    {error, timeout, Connected(list_to_atom(Plain(hd(Words))))}
  end,
  Answer(Id, Reply),
  Main ! answered
end,

spawn_link(fun Read() ->
  case io:get_line("") of
    Line when is_list(Line) -> Main ! {line, Split(Line)}, Read();
    _ -> halt(0)
  end
end),
[NameWord, CookieWord, IdleWord] = receive {line, First} -> First end,
Idle = list_to_integer(binary_to_list(IdleWord)),
Ready = Distribute(Plain(NameWord), Plain(CookieWord)),
(fun Serve(Open) ->
  receive
    {line, [Id, Limit | Words]} ->
      spawn(fun() -> Work(Ready, Id, list_to_integer(binary_to_list(Limit)), Words) end),
      Serve(Open + 1);
    answered -> Serve(Open - 1)
  after Idle ->
    case Open of 0 -> halt(0); _ -> Serve(Open) end
  end
end)(0)
