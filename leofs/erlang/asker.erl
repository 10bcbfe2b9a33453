%% The asking VM: puts questions to running nodes. Expressions after those of node.erl, OTP 18.3 and later.
%%
%% Input, one line each. First `NAME COOKIE`, then questions `ID LIMIT NODE VALUES TEXT`: LIMIT in milliseconds,
%% VALUES a term `[{'Name', Value}].` that TEXT finds bound, TEXT expressions. All but ID and LIMIT in base64.
%% Output: a line `=ID TERM` an answer, TERM in base64 of the external form: {ok, Value} | {error, Kind, Details}.
%% Other lines are what nodes print, and the runtime itself.
%%
%% Each question has a process of its own, so that none waits for another. The VM ends with its input, whatever hangs,
%% and by itself when nothing was asked for a minute: a host does not see the end of a connection that is cut off.
Idle = 60000,
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
  Started = case gen_tcp:connect({127, 0, 0, 1}, EpmdPort, [], 2000) of
    {ok, Socket} -> gen_tcp:close(Socket), Start();
    _ -> case Register(Start) of {error, eaddrinuse} -> Start(); Done -> Done end
  end,
  case Started of
    {ok, _} -> erlang:set_cookie(node(), list_to_atom(Cookie)), ok;
    {error, Reason} -> {error, alone, Text(Reason)}
  end
end,

%% Why a node does not accept a connection, by what its host's epmd says of it.
Refusal = fun(Node) ->
  [Name, Host] = string:tokens(atom_to_list(Node), "@"),
  Reached = case inet:getaddr(Host, inet) of
    {ok, Address} ->
      case gen_tcp:connect(Address, EpmdPort, [], 3000) of
        {ok, Epmd} -> gen_tcp:close(Epmd), net_adm:names(Host);
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
          case gen_tcp:connect(Host, Port, [], 3000) of
            {ok, Socket} -> gen_tcp:close(Socket), {error, refused, {Host, Port}};
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
[NameWord, CookieWord] = receive {line, First} -> First end,
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
