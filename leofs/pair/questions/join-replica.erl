%% Makes a Mnesia that has a schema in memory one of this one's, with the schema on its disc. OTP 18.3 and later.
%% New: its node name
%%
%% Every write waits for every replica. One that hangs, or is cut off, would hold them up until the runtime gives it up after a
%% minute: so every manager that runs (with a move they are two) asks it every second, and leaves it without an answer for 5 s.
%% The watch ends with the connection.
%%
%% A Mnesia waits for every node that it did not see going down. The new one saw none: where it is ended before the lost manager
%% is taken out, and is started by itself later, it would wait for that one for ever. So it is told who is down.
net_kernel:connect_node(New),
[spawn(Each, fun() ->
  monitor_node(New, true),
  (fun Watch() ->
    receive
      {nodedown, New} -> over
    after 1000 ->
      case catch gen_server:call({net_kernel, New}, {is_auth, node()}, 5000) of
        yes -> Watch();
        _ -> erlang:disconnect_node(New)
      end
    end
  end)()
end) || Each <- mnesia:system_info(running_db_nodes)],
case mnesia:change_config(extra_db_nodes, [New]) of
  {ok, [New]} ->
    Made = mnesia:change_table_copy_type(schema, New, disc_copies),
    Told = [rpc:call(New, mnesia_recover, log_mnesia_down, [Down], 5000) || Down <- mnesia_recover:get_mnesia_downs(), Down =/= New],
    case [Failed || Failed <- Told, Failed =/= ok] of
      [] -> Made;
      Untold -> {not_told, Made, Untold}
    end;
  Other -> {not_joined, Other, net_adm:ping(New)}
end
