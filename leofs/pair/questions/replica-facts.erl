%% Which managers Mnesia knows, which run, and who has which table. OTP 18.3 and later.
Word = erlang:system_info(wordsize),
{lists:sort(mnesia:system_info(db_nodes)), lists:sort(mnesia:system_info(running_db_nodes)),
 [{T, lists:sort(mnesia:table_info(T, disc_copies)),
   lists:sort(mnesia:table_info(T, ram_copies) ++ mnesia:table_info(T, disc_only_copies)),
   mnesia:table_info(T, size), mnesia:table_info(T, memory) * Word}
  || T <- lists:sort(mnesia:system_info(tables))]}
