%% `status <node>`: what one storage or gateway node says of itself. The values that the sandbox has no use for are LeoFS's defaults.
-module(sandbox_node_status).
-export([ask/2, text/2, json/1]).

%% {node_status, Rows, {LeftWidth, RightWidth}}; a row is {title, Text} | {item, Label, Value, JsonKey}.
ask(Type, Node) ->
    case {rpc:call(Node, leo_manager_api:api_of(Type), get_node_status, [], 5000),
          rpc:call(Node, leo_redundant_manager_api, checksum, [ring], 5000),
          rpc:call(Node, erlang, memory, [], 5000)} of
        {{ok, Status}, {ok, Hashes}, Memory} when is_list(Memory) ->
            Vm = [{Key, rpc:call(Node, erlang, system_info, [Key], 5000)}
                  || Key <- [version, process_count, process_limit, thread_pool_size]],
            {node_status, rows(Type, proplists:get_value(version, Status), Hashes, Memory, Vm), widths(Type)};
        _ ->
            {error, "Could not connect"}
    end.

widths(storage) -> {37, 38};
widths(gateway) -> {30, 18}.

rows(Type, Version, {Cur, Prev}, Memory, Vm) ->
    Hex = fun leo_redundant_manager_api:hex/1,
    Get = fun(Key) -> proplists:get_value(Key, Vm) end,
    [{title, " Config-1: basic"}, {item, "version", Version, version}]
        ++ own(Type)
        ++ [{item, "log directory", "./log/erlang", log_dir}, {item, "log level", "info", log_level},
            {title, " Status-1: RING hash"},
            {item, "current ring hash", Hex(Cur), ring_cur}, {item, "previous ring hash", Hex(Prev), ring_prev},
            {title, " Status-2: Erlang VM"},
            {item, "vm version", Get(version), vm_version},
            {item, "total mem usage", proplists:get_value(total, Memory), total_mem_usage},
            {item, "system mem usage", proplists:get_value(system, Memory), system_mem_usage},
            {item, "procs mem usage", proplists:get_value(processes, Memory), procs_mem_usage},
            {item, "ets mem usage", proplists:get_value(ets, Memory), ets_mem_usage},
            {item, "procs", io_lib:format("~w/~w", [Get(process_count), Get(process_limit)]), num_of_procs},
            {item, "kernel_poll", "true", kernel_poll},
            {item, "thread_pool_size", Get(thread_pool_size), thread_pool_size}].

own(storage) ->
    [{item, "number of vnodes", 168, num_of_vnodes}, {item, "rack id (group)", "", rack_id},
     {item, "object containers", "- path:[./avs], # of containers:8", containers}];
own(gateway) ->
    [{item, "using protocol", "s3", protocol}].

text(Rows, {Left, Right}) ->
    Rule = [lists:duplicate(Left + 1, $-), "+", lists:duplicate(Right, $-), "\r\n"],
    [Rule, string:pad("Item", Left, both), " | ", string:pad("Value", Right - 1, both), "\r\n", Rule,
     [line(Row, Left, Rule) || Row <- Rows], Rule, "\r\n"].

line({title, " Config-1: basic" = Title}, _, Rule) -> [Title, "\r\n", Rule];
line({title, Title}, _, Rule) -> [Rule, Title, "\r\n", Rule];
line({item, Label, Value, _}, Left, _) -> [string:pad(Label, Left, leading), " | ", shown(Value), "\r\n"].

json(Rows) -> [{Key, json_value(Value)} || {item, _, Value, Key} <- Rows].

json_value(Value) when is_integer(Value) -> Value;
json_value(Value) -> lists:flatten(Value).

shown(Value) when is_integer(Value) -> integer_to_list(Value);
shown(Value) -> Value.
