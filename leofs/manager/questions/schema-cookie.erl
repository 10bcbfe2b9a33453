%% The name that Mnesia gave the tables of a pair when it was formed. OTP 18.3 and later.
mnesia:table_info(schema, cookie)
