%% The JSON console's replies: one document and CRLF. A cause that is no text crashes it, as in LeoFS: no bytes, connection closed.
-module(sandbox_format_json).
-export([show/1]).

show(Result) -> [encode(document(Result)), "\r\n"].

document(ok) -> {[{result, "OK"}]};
document({ok, Text}) -> {[{result, Text}]};
document({lines, _, Result}) -> document(Result);
document({error, not_found}) -> {[{error, "not found"}]};
document({error, Cause}) when is_atom(Cause) -> {[{error, atom_to_list(Cause)}]};
document({error, [_ | _] = Text}) -> {[{error, Text}]};
document({credential, Key, Secret}) -> {[{access_key_id, Key}, {secret_access_key, Secret}]};
document({users, Users}) ->
    {[{users, {list, [{[{access_key_id, Key}, {user_id, User}, {role_id, Role}, {created_at, time(At)}]}
                      || {User, Role, Key, At} <- Users]}}]};
document({Kind, _, Buckets}) when Kind =:= buckets; Kind =:= buckets_of ->
    {[{buckets, {list, [{[{bucket, Bucket}, {owner, Owner}, {permissions, permissions(Acls)},
                          {cluster_id, atom_to_list(Cluster)}, {created_at, time(At)}]}
                        || {Cluster, Bucket, Owner, Acls, At, _} <- Buckets]}}]};
document({endpoints, Endpoints}) ->
    {[{endpoints, {list, [{[{endpoint, Endpoint}, {created_at, time(At)}]} || {Endpoint, At} <- Endpoints]}}]};
document({versions, Versions}) ->
    {[{result, {list, [{[{type, Type}, {node, atom_to_list(Node)}, {version, version(Version)}]}
                       || {Type, Node, Version} <- Versions]}}]};
document({node_status, Rows, _}) -> {[{node_stat, {sandbox_node_status:json(Rows)}}]};
document({whereis, Nodes}) -> {[{assigned_info, {list, [{[{node, atom_to_list(Node)}]} || Node <- Nodes]}}]};
document({status, Conf, {Cur, Prev}, Nodes}) ->
    {_, _, Cluster, Dc, N, R, W, D, Bits, Replicas, MdcR, MdcW, MdcD, Racks, Targets} = Conf,
    System = [{version, "1.4.4"}, {cluster_id, atom_to_list(Cluster)}, {dc_id, atom_to_list(Dc)}, {n, N}, {r, R}, {w, W},
              {d, D}, {dc_awareness_replicas, Replicas}, {mdcr_n, Replicas}, {mdcr_r, MdcR}, {mdcr_w, MdcW},
              {mdcr_d, MdcD}, {rack_awareness_replicas, Racks}, {ring_size, Bits}, {ring_hash_cur, Cur},
              {ring_hash_prev, Prev}, {max_mdc_targets, Targets}],
    {[{system_info, {System}},
      {node_list, {list, [{[{type, Type}, {node, atom_to_list(Node)}, {state, atom_to_list(State)}, {rack_id, Rack},
                            {ring_cur, RingCur}, {ring_prev, RingPrev}, {'when', time(When)}]}
                          || {Type, Node, State, Rack, RingCur, RingPrev, When} <- Nodes]}}]}.

permissions(Acls) ->
    lists:flatten(lists:join(",", [atom_to_list(Permission) || {bucket_acl_info, _, All} <- Acls, Permission <- All])).

version(undefined) -> "Failed to get the version";
version(Version) -> Version.

time(At) -> lists:flatten(sandbox_format_text:time(At)).

encode({list, Items}) -> ["[", lists:join(",", [encode(Item) || Item <- Items]), "]"];
encode({Members}) ->
    ["{", lists:join(",", [[encode(atom_to_list(Key)), ":", encode(Value)] || {Key, Value} <- Members]), "}"];
encode(Number) when is_integer(Number) -> integer_to_list(Number);
encode(Number) when is_float(Number) -> float_to_list(Number, [short]);
encode(Text) -> ["\"", [escape(Char) || Char <- unicode:characters_to_list(Text)], "\""].

escape($") -> "\\\"";
escape($\\) -> "\\\\";
escape(Char) when Char < 32 -> io_lib:format("\\u~4.16.0b", [Char]);
escape(Char) -> unicode:characters_to_binary([Char]).
