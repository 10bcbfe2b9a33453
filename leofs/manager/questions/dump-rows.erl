%% Writes the rows of the manager into a file on its host: `ok`, or why not. Expressions after those of write-dump.erl.
%% OTP 18.3 and later. File: its path, as bytes.
case (catch WriteDump(File)) of
  ok -> ok;
  {'EXIT', Why} -> lists:flatten(io_lib:format("~P", [Why, 20]))
end
