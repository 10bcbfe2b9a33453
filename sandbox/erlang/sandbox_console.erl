%% A console port: listener, a fixed number of acceptors (a client that finds them all busy waits), one line a command.
%% No prompt, no end marker, no time limit. A command that crashes closes the connection without a byte.
-module(sandbox_console).
-behaviour(gen_server).
-export([start_link/3, init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% Format: text | json. PortKey and AcceptorsKey: settings of the application leo_manager.
start_link(Format, PortKey, AcceptorsKey) ->
    gen_server:start_link(?MODULE, {Format, PortKey, AcceptorsKey}, []).

init({Format, PortKey, AcceptorsKey}) ->
    {ok, Port} = application:get_env(leo_manager, PortKey),
    {ok, Acceptors} = application:get_env(leo_manager, AcceptorsKey),
    Address = address(application:get_env(leo_manager, bind_address, "loopback")),
    Options = [binary, {packet, line}, {active, false}, {reuseaddr, true}, {ip, Address}, {nodelay, true}],
    case gen_tcp:listen(Port, Options) of
        {ok, Listener} ->
            [spawn_link(fun() -> accept(Format, Listener) end) || _ <- lists:seq(1, Acceptors)],
            {ok, Listener};
        {error, Reason} ->
            io:format("~s console port ~w: ~w~n", [Format, Port, Reason]),
            {stop, Reason}
    end.

handle_call(_, _From, State) -> {reply, ok, State}.
handle_cast(_, State) -> {noreply, State}.
handle_info(_, State) -> {noreply, State}.

accept(Format, Listener) ->
    case gen_tcp:accept(Listener) of
        {ok, Socket} ->
            serve(Format, Socket),
            gen_tcp:close(Socket),
            accept(Format, Listener);
        {error, closed} ->
            ok;
        {error, _} ->
            timer:sleep(50),
            accept(Format, Listener)
    end.

serve(Format, Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Line} -> answer(Format, Socket, Line);
        {error, _} -> ok
    end.

answer(Format, Socket, Line) ->
    try reply(Format, Line) of
        none -> serve(Format, Socket);
        bye -> gen_tcp:send(Socket, <<"BYE\r\n">>);
        Bytes ->
            _ = gen_tcp:send(Socket, Bytes),
            serve(Format, Socket)
    catch
        Class:Reason:Stack -> io:format("console: ~p~n", [{Line, Class, Reason, Stack}])
    end.

reply(_, <<"quit\r\n">>) -> bye;
reply(Format, Line) ->
    case string:trim(Line, trailing, [$\r, $\n, "\r\n"]) of
        <<>> -> none;
        Body ->
            sandbox_log:command(Body),
            iolist_to_binary(shown(Format, sandbox_console_commands:run(Body, is_crlf(Line))))
    end.

shown(text, Result) -> sandbox_format_text:show(Result);
shown(json, Result) -> sandbox_format_json:show(Result).

is_crlf(Line) -> binary:match(Line, <<"\r\n">>) =/= nomatch.

address("localhost") -> {127, 0, 0, 1};
address("loopback") -> {127, 0, 0, 1};
address("any") -> {0, 0, 0, 0};
address(Text) ->
    {ok, Address} = inet:parse_address(Text),
    Address.
