%% Puts a table on the disc of a node. OTP 18.3 and later.
mnesia:add_table_copy(Table, New, disc_copies)
