%% Makes a Mnesia that has a schema in memory one of this one's, with the schema on its disc. OTP 18.3 and later.
%% New: its node name
case mnesia:change_config(extra_db_nodes, [New]) of
  {ok, [New]} -> mnesia:change_table_copy_type(schema, New, disc_copies);
  Other -> {not_joined, Other, net_adm:ping(New)}
end
