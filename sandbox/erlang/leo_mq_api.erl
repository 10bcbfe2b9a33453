%% What a node asks of its message queues; names as in LeoFS. No object is ever moved here: a queue holds what a test says
%% (`application:set_env(leo_storage, leo_rebalance_queue, 5)` on the storage node).
-module(leo_mq_api).
-export([status/1]).

status(Queue) ->
    {ok, [{consumer_status, idling}, {consumer_num_of_msgs, application:get_env(leo_storage, Queue, 0)}]}.
