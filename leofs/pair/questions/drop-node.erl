%% Takes a node, whose Mnesia is down, out of the schema and of every table. OTP 18.3 and later.
mnesia:del_table_copy(schema, Node)
