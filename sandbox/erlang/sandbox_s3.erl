%% Users, buckets and endpoints.
-module(sandbox_s3).
-export([users/0, buckets/0, buckets_of/1, endpoints/0, create_user/2, import_user/3, delete_user/1, update_role/2,
         add_bucket/2, delete_bucket/2, add_endpoint/1, delete_endpoint/1]).

%% {users, [{UserId, RoleId, AccessKey, CreatedAt}]}
users() ->
    case {sandbox_db:rows(leo_s3_user_credential), sandbox_db:rows(leo_s3_users)} of
        {{ok, []}, _} -> {error, not_found};
        {{ok, Credentials}, {ok, Users}} ->
            Roles = maps:from_list([{element(2, User), element(4, User)} || User <- Users]),
            {users, lists:sort([{User, maps:get(User, Roles, 1), Key, At} || {_, User, Key, At} <- Credentials])};
        {{error, Cause}, _} -> {error, Cause};
        {_, {error, Cause}} -> {error, Cause}
    end.

%% {buckets, [{ClusterId, Bucket, Owner, Acls, CreatedAt, OwnersKey}]}; an empty table is told apart by the format.
buckets() ->
    case {sandbox_db:rows(leo_s3_buckets), sandbox_db:rows(leo_s3_user_credential)} of
        {{ok, Rows}, {ok, Credentials}} ->
            Owners = maps:from_list([{Key, User} || {_, User, Key, _} <- Credentials]),
            {buckets, redundancy(), lists:keysort(2, [bucket(Row, Owners) || Row <- Rows, element(13, Row) =:= false])};
        _ ->
            {error, "Could not get bucket(s)"}
    end.

buckets_of(Key) ->
    case buckets() of
        {buckets, Redundancy, All} ->
            {buckets_of, Redundancy, [Bucket || Bucket <- All, element(6, Bucket) =:= list_to_binary(Key)]};
        Error ->
            Error
    end.

bucket(Row, Owners) ->
    {bucket_2, Name, Key, Acls, Cluster, _, _, _, _, _, CreatedAt, _, _} = Row,
    {Cluster, Name, maps:get(Key, Owners, <<>>), Acls, CreatedAt, Key}.

%% {N, W, R, D}
redundancy() ->
    case sandbox_db:rows(leo_system_conf) of
        {ok, [{_, _, _, _, N, R, W, D, _, _, _, _, _, _, _} | _]} -> {N, W, R, D};
        _ -> {1, 1, 1, 1}
    end.

endpoints() ->
    case sandbox_db:rows(leo_s3_endpoints) of
        {ok, Rows} -> {endpoints, lists:sort([{Endpoint, At} || {_, Endpoint, At} <- Rows])};
        {error, _} -> {error, "Could not get endpoint(s)"}
    end.

create_user(User, Password) ->
    Key = random_hex(10),
    Secret = random_hex(20),
    Hash = case Password of
               undefined -> Secret;
               _ -> hex(crypt(Password, User))
           end,
    enter_user(User, Hash, Key, Secret, {credential, Key, Secret}).

import_user(User, Key, Secret) ->
    enter_user(User, list_to_binary(Secret), list_to_binary(Key), list_to_binary(Secret), ok).

enter_user(User, Hash, Key, Secret, Answer) ->
    Id = list_to_binary(User),
    Now = sandbox_tables:now(),
    Enter = fun() ->
                    case mnesia:read(leo_s3_users, Id) of
                        [{user_1, _, _, _, _, _, false}] -> mnesia:abort("Already exists");
                        _ ->
                            mnesia:write(leo_s3_users, {user_1, Id, Hash, 1, Now, Now, false}, write),
                            mnesia:write(leo_s3_user_credential, {user_credential, Id, Key, Now}, write),
                            mnesia:write(leo_s3_credentials, {credential, Key, Secret, Now}, write)
                    end
            end,
    done(mnesia:transaction(Enter), Answer).

%% The user's row stays, marked; its credentials go.
delete_user(User) ->
    Id = list_to_binary(User),
    Delete = fun() ->
                     case {mnesia:read(leo_s3_users, Id), mnesia:read(leo_s3_user_credential, Id)} of
                         {[Row], [{_, _, Key, _}]} ->
                             mnesia:write(leo_s3_users, setelement(7, Row, true), write),
                             mnesia:delete({leo_s3_user_credential, Id}),
                             mnesia:delete({leo_s3_credentials, Key});
                         _ -> mnesia:abort(not_found)
                     end
             end,
    done(mnesia:transaction(Delete), ok).

update_role(User, Role) ->
    Id = list_to_binary(User),
    done(mnesia:transaction(fun() ->
                                    case mnesia:read(leo_s3_users, Id) of
                                        [Row] -> mnesia:write(leo_s3_users, setelement(4, Row, Role), write);
                                        [] -> mnesia:abort(not_found)
                                    end
                            end), ok).

add_bucket(Bucket, KeyText) ->
    {Name, Key, Now} = {list_to_binary(Bucket), list_to_binary(KeyText), sandbox_tables:now()},
    Add = fun() ->
                  case {mnesia:read(leo_s3_buckets, Name), mnesia:read(leo_s3_credentials, Key)} of
                      {_, []} -> mnesia:abort("Could not store value");
                      {[{bucket_2, _, Key, _, _, _, _, _, _, _, _, _, false}], _} -> mnesia:abort(already_yours);
                      {[{bucket_2, _, _, _, _, _, _, _, _, _, _, _, false}], _} -> mnesia:abort(already_exists);
                      _ ->
                          Acls = [{bucket_acl_info, Key, [full_control]}],
                          mnesia:write(leo_s3_buckets, {bucket_2, Name, Key, Acls, cluster_id(), copy, undefined,
                                                        undefined, undefined, 0, Now, Now, false}, write)
                  end
          end,
    done(mnesia:transaction(Add), ok).

cluster_id() ->
    [Key | _] = mnesia:all_keys(leo_system_conf),
    [Row] = mnesia:read(leo_system_conf, Key),
    element(3, Row).

delete_bucket(Bucket, Key) ->
    {Name, Owner} = {list_to_binary(Bucket), list_to_binary(Key)},
    done(mnesia:transaction(fun() ->
                                    case mnesia:read(leo_s3_buckets, Name) of
                                        [Row] when element(3, Row) =:= Owner ->
                                            mnesia:write(leo_s3_buckets, setelement(13, Row, true), write);
                                        _ -> mnesia:abort("Bucket not found")
                                    end
                            end), ok).

add_endpoint(Endpoint) ->
    Row = {endpoint, list_to_binary(Endpoint), sandbox_tables:now()},
    done(mnesia:transaction(fun() -> mnesia:write(leo_s3_endpoints, Row, write) end), ok).

delete_endpoint(Endpoint) ->
    Key = list_to_binary(Endpoint),
    done(mnesia:transaction(fun() ->
                                    case mnesia:read(leo_s3_endpoints, Key) of
                                        [_] -> mnesia:delete({leo_s3_endpoints, Key});
                                        [] -> mnesia:abort(not_found)
                                    end
                            end), ok).

done({atomic, _}, Answer) -> Answer;
done({aborted, {Tag, _} = Reason}, _) when Tag =:= no_exists; Tag =:= node_not_running -> {error, {aborted, Reason}};
done({aborted, Reason}, _) -> {error, Reason}.

%% Bytes of randomness as twice as many hex digits. No crypto application here: rand is good enough for throw-away users.
random_hex(Bytes) -> hex(<< <<(rand:uniform(256) - 1)>> || _ <- lists:seq(1, Bytes) >>).

crypt(Password, User) ->
    First = erlang:md5([User, Password]),
    <<Tail:4/binary, _/binary>> = erlang:md5(First),
    <<First/binary, Tail/binary>>.

hex(Bytes) -> list_to_binary([io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes]).
