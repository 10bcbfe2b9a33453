%% The console commands a manager knows: rows of the table leo_available_commands.
-module(sandbox_commands).
-export([all/0]).

%% {Name, Usage}
all() ->
    [{hd(string:split(Usage, " ")), Usage} || Usage <- simple()]
        ++ [{Name, lists:flatten(lists:join("\r\n", Usages))} || {Name, Usages} <- grouped()].

simple() ->
    ["help", "quit", "version", "status [<storage-node>|<gateway-node>]",
     "detach <storage-node>", "suspend <storage-node>", "resume <storage-node>", "rollback <storage-node>",
     "start", "rebalance", "whereis <path>", "purge <path>", "remove <gateway-node>", "du <storage-node>",
     "diagnose-data <storage-node>", "mq-stats <storage-node>", "mq-suspend <storage-node> <mq-id>",
     "mq-resume <storage-node> <mq-id>", "update-property <node> <property-name> <property-value>",
     "update-managers <manager-master> <manager-slave>", "backup-mnesia <backupfilepath>",
     "restore-mnesia <backupfilepath>", "dump-ring <manager-node>|<storage-node>|<gateway-node>",
     "update-log-level (<storage-node>|<gateway-node>) (debug|info|warn|error)",
     "update-consistency-level (<storage-node>|<gateway-node>) <write-quorum> <read-quorum> <delete-quorum>",
     "create-user <user-id> [<password>]", "import-user <user-id> <access-key-id> <secret-access-key>",
     "delete-user <user-id>", "update-user-role <user-id> <role-id>", "update-user-password <user-id> <password>",
     "get-users", "add-endpoint <endpoint>", "set-endpoint <endpoint>", "delete-endpoint <endpoint>", "get-endpoints",
     "add-bucket <bucket> <access-key-id>", "delete-bucket <bucket> <access-key-id>", "delete-bucket-stats <bucket>",
     "reset-delete-bucket-stats <bucket>", "get-bucket <access-key-id>", "get-buckets",
     "chown-bucket <bucket> <new-access-key-id>",
     "set-redundancy-method <bucket> <access-key-id> <redundancy-method>",
     "update-acl <bucket> <access-key-id> private|public-read|public-read-write",
     "gen-nfs-mnt-key <bucket> <access-key-id> <client-ip-address>",
     "join-cluster <remote-manager-master> <remote-manager-slave>",
     "remove-cluster <remote-manager-master> <remote-manager-slave>", "cluster-status"].

grouped() ->
    [{"recover", ["recover file <path>", "recover node <storage-node>", "recover ring <storage-node>"]},
     {"compact", ["compact start <storage-node>", "compact status <storage-node>"]}].
