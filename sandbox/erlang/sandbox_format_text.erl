%% The text console's replies, byte for byte as LeoFS 1.4.4 prints them. Lines end with CRLF, tables with an empty line.
-module(sandbox_format_text).
-export([show/1, time/1]).

show(ok) -> line("OK");
show({ok, Text}) -> line(Text);
show({error, Text}) when is_list(Text), Text =/= [] -> line(["[ERROR] ", Text]);
show({error, Cause}) -> line(io_lib:format("[ERROR] ~p", [Cause]));
show({lines, Lines, Result}) -> [[line(Text) || Text <- Lines], show(Result)];
show({credential, Key, Secret}) ->
    [line(["  access-key-id: ", Key]), line(["  secret-access-key: ", Secret]), line("")];
show({users, Users}) -> users(Users);
show({buckets, _, []}) -> line("[ERROR] Bucket not found");
show({buckets, Redundancy, Buckets}) -> buckets(Redundancy, Buckets);
show({buckets_of, _, []}) -> line("[ERROR] Bucket not found");
show({buckets_of, Redundancy, Buckets}) -> buckets_of(Redundancy, Buckets);
show({endpoints, []}) -> line("[ERROR] Endpoint not found");
show({endpoints, Endpoints}) -> endpoints(Endpoints);
show({versions, Versions}) -> versions(Versions);
show({status, Conf, Hashes, Nodes}) -> status(Conf, Hashes, Nodes);
show({node_status, Rows, Widths}) -> sandbox_node_status:text(Rows, Widths);
show({whereis, Nodes}) -> whereis_lines(Nodes);
show({help, Commands}) -> [[line(Usage) || {_, Usage} <- Commands], line("")].

users(Users) ->
    Width = widest([User || {User, _, _, _} <- Users], 7),
    [line([pad("user_id", Width), " | role_id | access_key_id          | created_at                "]),
     line([dashes(Width + 1), "+---------+------------------------+---------------------------"]),
     [line([pad(User, Width), " | ", pad(integer_to_list(Role), 7), " | ", pad(Key, 22), " | ", time(At)])
      || {User, Role, Key, At} <- Users],
     line("")].

buckets(Redundancy, Buckets) ->
    Name = widest([Bucket || {_, Bucket, _, _, _, _} <- Buckets], 8),
    Owner = widest([Owner || {_, _, Owner, _, _, _} <- Buckets], 8),
    [line(["cluster id   | ", pad("bucket", Name), " | ", pad("owner", Owner), " | ", bucket_tail_head()]),
     line(["-------------+", dashes(Name + 2), "+", dashes(Owner + 2), "+", bucket_tail_dashes()]),
     [line([pad(atom_to_list(Cluster), 12), " | ", pad(Bucket, Name), " | ", pad(OwnerId, Owner), " | ",
            bucket_tail(Redundancy, Acls, Key, At)])
      || {Cluster, Bucket, OwnerId, Acls, At, Key} <- Buckets],
     line("")].

buckets_of(Redundancy, Buckets) ->
    Name = widest([Bucket || {_, Bucket, _, _, _, _} <- Buckets], 8),
    [line([pad("bucket", Name), " | ", bucket_tail_head()]),
     line([dashes(Name + 1), "+", bucket_tail_dashes()]),
     [line([pad(Bucket, Name), " | ", bucket_tail(Redundancy, Acls, Key, At)])
      || {_, Bucket, _, Acls, At, Key} <- Buckets],
     line("")].

bucket_tail_head() -> "permissions      | redundancy method            | created at                ".
bucket_tail_dashes() -> "------------------+------------------------------+---------------------------".

bucket_tail({N, W, R, D}, Acls, Key, At) ->
    Method = io_lib:format("copy, {n:~w, w:~w, r:~w, d:~w}", [N, W, R, D]),
    [pad(lists:join(",", [permission(Acl, Key) || Acl <- Acls]), 16), " | ", pad(Method, 28), " | ", time(At)].

permission({bucket_acl_info, Key, Permissions}, Key) -> ["Me(", joined(Permissions), ")"];
permission({bucket_acl_info, _, Permissions}, _) -> ["Everyone(", joined(Permissions), ")"].

joined(Permissions) -> lists:join(",", [atom_to_list(Permission) || Permission <- Permissions]).

endpoints(Endpoints) ->
    Width = widest([Endpoint || {Endpoint, _} <- Endpoints], 8),
    [line([pad("endpoint", Width), " | created at                "]),
     line([dashes(Width + 1), "+---------------------------"]),
     [line([pad(Endpoint, Width), " | ", time(At)]) || {Endpoint, At} <- Endpoints],
     line("")].

versions(Versions) ->
    Rule = line("-------+--------------------------+----------------------------------+"),
    [line(" [Version of Node(s)]"), Rule,
     line(" type  |           node           |             version              | "), Rule,
     [line(["  ", Type, "    | ", pad(atom_to_list(Node), 24), " | ", pad(version(Version), 32), " | "])
      || {Type, Node, Version} <- Versions],
     Rule, line("")].

version(undefined) -> "Failed to get the version";
version(Version) -> Version.

status(Conf, {Cur, Prev}, Nodes) ->
    {_, _, Cluster, Dc, N, R, W, D, Bits, Replicas, MdcR, MdcW, MdcD, Racks, Targets} = Conf,
    Rule = line("-----------------------------------+----------"),
    Item = fun(Label, Value) -> line([string:pad(Label, 34, leading), " | ", Value]) end,
    Number = fun(Label, Value) -> Item(Label, integer_to_list(Value)) end,
    Hex = fun leo_redundant_manager_api:hex/1,
    [line(" [System Confiuration]"), Rule, line(" Item                              | Value    "), Rule,
     line(" Basic/Consistency level"), Rule,
     Item("system version", "1.4.4"), Item("cluster Id", atom_to_list(Cluster)), Item("DC Id", atom_to_list(Dc)),
     Number("Total replicas", N), Number("number of successes of R", R), Number("number of successes of W", W),
     Number("number of successes of D", D), Number("number of rack-awareness replicas", Racks),
     Item("ring size", ["2^", integer_to_list(Bits)]), Rule,
     line(" Multi DC replication settings"), Rule,
     line(["[mdcr] max number of joinable DCs" | []], Targets), line(["[mdcr] total replicas per a DC   "], Replicas),
     line(["[mdcr] number of successes of R  "], MdcR), line(["[mdcr] number of successes of W  "], MdcW),
     line(["[mdcr] number of successes of D  "], MdcD), Rule,
     line(" Manager RING hash"), Rule,
     Item("current ring-hash", Hex(Cur)), Item("previous ring-hash", Hex(Prev)), Rule, line(""),
     node_table(Nodes)].

line(Label, Value) -> line([" ", Label, " | ", integer_to_list(Value)]).

node_table([]) -> [];
node_table(Nodes) ->
    Rule = line("-------+--------------------------+--------------+---------+----------------+----------------+"
                "----------------------------"),
    [line(" [State of Node(s)]"), Rule,
     line(" type  |           node           |    state     | rack id |  current ring  |   prev ring    |"
          "          updated at         "), Rule,
     [line(["  ", Type, "    | ", pad(atom_to_list(Node), 24), " | ", pad(atom_to_list(State), 12), " | ",
            pad(Rack, 7), " | ", pad(Cur, 14), " | ", pad(Prev, 14), " | ", time(When)])
      || {Type, Node, State, Rack, Cur, Prev, When} <- Nodes],
     Rule, line("")].

whereis_lines(Nodes) ->
    Rule = line("-------+--------------------------+--------------------------------------+------------+--------------+"
                "----------------+----------------+----------------+----------------------------"),
    [Rule,
     line(" del?  |           node           |             ring address             |    size    |   checksum   |"
          "  has children  |  total chunks  |     clock      |             when            "),
     Rule,
     [line(["       | ", pad(atom_to_list(Node), 24), " |                                      |            |"
            "              |                |                |                | "]) || Node <- Nodes],
     line("")].

%% Gregorian seconds as 2026-11-22 18:56:36 +0000.
time(Seconds) ->
    {{Y, Mo, D}, {H, Mi, S}} = calendar:gregorian_seconds_to_datetime(Seconds),
    io_lib:format("~4..0w-~2..0w-~2..0w ~2..0w:~2..0w:~2..0w +0000", [Y, Mo, D, H, Mi, S]).

widest(Texts, Minimum) -> lists:max([Minimum | [string:length(Text) || Text <- Texts]]).

pad(Text, Width) -> string:pad(unicode:characters_to_list(Text), Width).

dashes(Count) -> lists:duplicate(Count, $-).

line(Text) -> [Text, "\r\n"].
