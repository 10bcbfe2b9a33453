%% Makes a running manager count other partners as its own, as it would after its next start. OTP 18.3 and later.
%% Partners: node names
{ok, Before} = application:get_env(leo_manager, manager_partners),
ok = application:set_env(leo_manager, manager_partners, Partners),
case application:get_env(leo_redundant_manager, monitors) of
  {ok, Monitors} when is_list(Monitors) ->
    Others = [Monitor || Monitor <- Monitors, not lists:member(Monitor, Before ++ Partners)],
    application:set_env(leo_redundant_manager, monitors, Others ++ Partners);
  _ -> ok
end,
Before
