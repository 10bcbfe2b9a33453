%% What a manager calls on a storage node; names as in LeoFS. The contract is at the top of leo_manager_api.erl.
-module(leo_storage_api).
-export([update_manager_nodes/1, register_in_monitor/1, get_node_status/0]).

update_manager_nodes(Managers) -> sandbox_node:update_managers(Managers).

register_in_monitor(_RequestedTimes) -> sandbox_node:register_again().

get_node_status() -> sandbox_node:status().
