%% All that a manager knows of itself, and through it of the storage and gateway nodes it lists. Read-only.
%% OTP 18.3 and later.
%%
%% The rows of `leo_rebalance_info` say nothing of a rebalance: up to LeoFS 1.4.2 they stay for ever, and later nobody writes any.
%% The field `state` of `leo_storage_nodes` is always `undefined`. What a rebalance has still to do is in two queues of each storage
%% node, on all versions: the vnodes to go through, and their objects.
Running = (catch mnesia:system_info(is_running)),
Tables = case Running of
  yes -> [{T, mnesia:table_info(T, size), lists:sort(mnesia:table_info(T, disc_copies)),
           lists:sort(mnesia:table_info(T, ram_copies)), mnesia:table_info(T, type),
           mnesia:table_info(T, where_to_read) =/= nowhere}
          || T <- lists:sort(mnesia:system_info(tables)), T =/= schema];
  _ -> []
end,
Loaded = fun(T) -> lists:any(fun({N, _, _, _, _, L}) -> N =:= T andalso L end, Tables) end,
Rows = fun(T) -> case Loaded(T) of true -> ets:tab2list(T); false -> [] end end,
States = maps:from_list([{element(2, R), element(3, R)} || R <- Rows(leo_storage_nodes)]
                     ++ [{element(2, R), element(8, R)} || R <- Rows(leo_members_cur)]),
Listed = [{storage, leo_storage, N, S} || {N, S} <- lists:sort(maps:to_list(States))]
      ++ [{gateway, leo_gateway, element(2, R), element(3, R)} || R <- Rows(leo_gateway_nodes)],
Queues = [leo_rebalance_queue, leo_sync_by_vnode_id_queue],
Calls = [{Type, N, State, rpc:async_call(N, application, get_env, [App, managers]),
          rpc:async_call(N, leo_redundant_manager_api, checksum, [ring]),
          [rpc:async_call(N, leo_mq_api, status, [Q]) || Q <- Queues, Type =:= storage]}
         || {Type, App, N, State} <- Listed],
Deadline = erlang:monotonic_time(1000) + 2500,
Wait = fun(Key) ->
  case rpc:nb_yield(Key, max(0, Deadline - erlang:monotonic_time(1000))) of
    {value, V} -> V;
    timeout -> timeout
  end
end,
Left = fun({ok, Of}) when is_list(Of) -> proplists:get_value(consumer_num_of_msgs, Of, unknown); (_) -> unknown end,
Nodes = [{Type, N, State, Wait(K1), Wait(K2), [Left(Wait(K)) || K <- Ks]} || {Type, N, State, K1, K2, Ks} <- Calls],
Env = fun(K) -> application:get_env(leo_manager, K) end,
{node(), Running, Tables,
 (catch lists:sort(mnesia:system_info(running_db_nodes))), (catch lists:sort(mnesia:system_info(db_nodes))),
 Env(manager_partners), Env(manager_mode), os:getpid(),
 (catch mnesia:system_info(directory)), nodes(),
 Nodes,
 case lists:reverse(lists:sort(Rows(leo_system_conf))) of
   [Conf | _] -> lists:zip(mnesia:table_info(leo_system_conf, attributes), tl(tuple_to_list(Conf)));
   [] -> []
 end,
 (catch leo_redundant_manager_api:checksum(ring)),
 [{element(2, R), element(3, R)} || R <- lists:sort(Rows(leo_cluster_manager))]}
