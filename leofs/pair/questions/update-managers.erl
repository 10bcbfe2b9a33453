%% What `update-managers` makes a node do, for one node. OTP 18.3 and later.
%% Node, Module (leo_storage_api or leo_gateway_api), Managers: node names, the master first
rpc:call(Node, Module, update_manager_nodes, [Managers], 5000)
