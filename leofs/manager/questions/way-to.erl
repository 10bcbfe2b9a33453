%% Whether this node's host reaches the host of another node, on which nothing may listen yet. OTP 18.3 and later.
%% Node: its name. `reached`, or why not. A refused connection was answered by the host.
[_, Host] = string:tokens(atom_to_list(Node), "@"),
Port = case os:getenv("ERL_EPMD_PORT") of false -> 4369; Text -> list_to_integer(Text) end,
Family = case init:get_argument(proto_dist) of {ok, [["inet6_tcp"] | _]} -> inet6; _ -> inet end,
case gen_tcp:connect(Host, Port, [Family], 4000) of
  {ok, Socket} -> gen_tcp:close(Socket), reached;
  {error, econnrefused} -> reached;
  {error, Why} -> {Port, Why}
end
