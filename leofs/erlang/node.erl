%% How a VM becomes a node. Expressions, OTP 18.3 and later.
EpmdPort = case init:get_argument(epmd_port) of
  {ok, [[Given | _] | _]} -> list_to_integer(Given);
  _ -> 4369
end,
%% Nodes that speak over IPv6 are told so by a flag, and so is this VM then (see scripts/lib.sh).
{Family, Loopback} = case init:get_argument(proto_dist) of
  {ok, [["inet6_tcp"] | _]} -> {inet6, {0, 0, 0, 0, 0, 0, 0, 1}};
  _ -> {inet, {127, 0, 0, 1}}
end,
%% A node registers with an epmd when it starts. This answers the registration in the place of one, for as long as the
%% start takes: nothing is left behind, and nobody else finds the node.
Register = fun(Start) ->
  case gen_tcp:listen(EpmdPort, [Family, binary, {active, false}, {reuseaddr, true}, {ip, Loopback}]) of
    {ok, Listener} ->
      spawn(fun Serve() ->
        case gen_tcp:accept(Listener) of
          {ok, Socket} ->
            case gen_tcp:recv(Socket, 0, 2000) of
              {ok, <<_:16, 120, _/binary>>} -> gen_tcp:send(Socket, <<121, 0, 1:16>>);
              _ -> gen_tcp:close(Socket)
            end,
            Serve();
          _ -> receive never -> ok end
        end
      end),
      Started = Start(),
      gen_tcp:close(Listener),
      Started;
    Taken -> Taken
  end
end
