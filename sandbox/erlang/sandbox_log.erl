%% log/app/{info,error,cmd_history}: one line an entry, tab separated as LeoFS writes them, in a file an hour with a link to it.
-module(sandbox_log).
-export([error/3, info/3, command/1, stamp/0]).

error(Function, Line, Message) -> write("error", "E", Function, Line, Message).

info(Function, Line, Message) -> write("info", "I", Function, Line, Message).

command(Line) -> write("cmd_history", "I", "leo_manager_console:command/1", 0, Line).

%% 2026-11-22 19:02:48.30407 +0000, and the same as Unix seconds.
stamp() ->
    {_, _, Micro} = Timestamp = os:timestamp(),
    {{Y, Mo, D}, {H, Mi, S}} = calendar:now_to_universal_time(Timestamp),
    {io_lib:format("~4..0w-~2..0w-~2..0w ~2..0w:~2..0w:~2..0w.~w +0000", [Y, Mo, D, H, Mi, S, Micro]),
     os:system_time(second)}.

write(Name, Level, Function, Line, Message) ->
    {Text, Seconds} = stamp(),
    Entry = io_lib:format("[~s]\t~s\t~s\t~w\t~s\t~w\t~s~n", [Level, node(), Text, Seconds, Function, Line, shown(Message)]),
    Folder = folder(),
    {{Y, Mo, D}, {H, _, _}} = calendar:universal_time(),
    File = lists:flatten(io_lib:format("~s.~4..0w~2..0w~2..0w.~2..0w.1", [Name, Y, Mo, D, H])),
    ok = filelib:ensure_dir(filename:join(Folder, File)),
    _ = file:write_file(filename:join(Folder, File), Entry, [append]),
    link(File, filename:join(Folder, Name)).

shown(Message) when is_binary(Message) -> Message;
shown(Message) -> io_lib:format("~0p", [Message]).

link(Target, Link) ->
    case file:read_link(Link) of
        {ok, Target} -> ok;
        _ -> _ = file:delete(Link), _ = file:make_symlink(Target, Link), ok
    end.

folder() ->
    case application:get_env(leo_manager, log_appender) of
        {ok, [{file, [{path, Path} | _]} | _]} -> Path;
        _ -> "./log/app"
    end.
