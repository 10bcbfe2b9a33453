%% Removes rows, all or none, from both managers. OTP 18.3 and later.
%% Rows: [{Table, Key}]
mnesia:sync_transaction(fun() -> lists:foreach(fun(Row) -> mnesia:delete(Row) end, Rows) end)
