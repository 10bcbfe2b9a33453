%% Makes a Mnesia that has a schema in memory one of this one's, with the schema on its disc. OTP 18.3 and later.
%% New: its node name
%%
%% Every write waits for every replica. One that hangs, or is cut off, would hold them up until the runtime gives it up after a
%% minute: so every manager that runs (with a move they are two) asks it every second, and leaves it without an answer for 5 s.
%% The watch ends with the connection.
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
  {ok, [New]} -> mnesia:change_table_copy_type(schema, New, disc_copies);
  Other -> {not_joined, Other, net_adm:ping(New)}
end
