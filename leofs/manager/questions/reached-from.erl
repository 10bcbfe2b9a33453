%% Which of these storage and gateway nodes reach a manager, asked through one of them. Read-only. OTP 18.3 and later.
%% Askers: node names; Node: the manager's
Calls = [{Asker, rpc:async_call(Asker, rpc, call, [Node, erlang, node, [], 2000])} || Asker <- Askers],
Deadline = erlang:monotonic_time(1000) + 3000,
[Asker || {Asker, Key} <- Calls,
          rpc:nb_yield(Key, max(0, Deadline - erlang:monotonic_time(1000))) =:= {value, Node}]
