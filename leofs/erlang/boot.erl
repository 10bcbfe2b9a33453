%% Evaluates a program that comes as the first line of standard input, in base64. Expressions, OTP 18.3 and later.
spawn(fun() ->
  Ended = (catch begin
    {ok, Tokens, _} = erl_scan:string(binary_to_list(base64:decode(lists:delete($\n, io:get_line(""))))),
    {ok, Program} = erl_parse:parse_exprs(Tokens),
    erl_eval:exprs(Program, [])
  end),
  io:format("~P~n", [Ended, 20]),
  halt(1)
end).
