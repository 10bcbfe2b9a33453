%% A LeoFS-shaped manager: the order in which it comes up, and how it goes down.
%% As in LeoFS the consoles listen first; Mnesia and its tables follow when files or partner allow it (sandbox_startup).
-module(sandbox_manager).
-behaviour(application).
-behaviour(supervisor).
-export([start/0, start/2, prep_stop/1, stop/1, init/1, setting/2]).

%% Called by `erl -s sandbox_manager`. A failure ends the VM at once, which heart then starts again (port taken, for example).
start() ->
    ok = application:load(mnesia),
    ok = application:load(spec()),
    case application:start(leo_manager, permanent) of
        ok -> tell_systemd(os:getenv("NOTIFY_SOCKET"));
        {error, Reason} ->
            io:format("leo_manager did not start: ~p~n", [Reason]),
            erlang:halt(1)
    end.

%% Like LeoFS's sd_notify: ready as soon as the consoles listen, long before the tables are there.
tell_systemd(false) -> ok;
tell_systemd(Socket) ->
    {ok, Udp} = gen_udp:open(0, [local]),
    ok = gen_udp:send(Udp, {local, Socket}, 0, <<"READY=1">>),
    gen_udp:close(Udp).

start(normal, _Args) ->
    supervisor:start_link({local, sandbox_manager}, ?MODULE, []).

%% A real manager takes 3 to 5 s to stop, of which a bare VM needs one. One that gives up on itself is faster (quick_stop).
prep_stop(State) ->
    case application:get_env(leo_manager, quick_stop) of
        {ok, true} -> ok;
        _ -> timer:sleep(max(0, setting("SANDBOX_STOP_MS", 3000) - 1000))
    end,
    State.

stop(_State) -> ok.

init([]) ->
    Children =
        [worker(text_console, sandbox_console, [text, port_cui, num_of_acceptors_cui]),
         worker(json_console, sandbox_console, [json, port_json, num_of_acceptors_json]),
         worker(monitor, sandbox_monitor, []),
         worker(startup, sandbox_startup, []),
         worker(ring_sync, sandbox_ring_sync, [])],
    {ok, {#{strategy => one_for_one, intensity => 5, period => 10}, Children}}.

%% Milliseconds from the environment (etc/leo_manager.environment), else LeoFS's own value.
setting(Name, Default) ->
    case os:getenv(Name) of
        false -> Default;
        Text -> list_to_integer(string:trim(Text))
    end.

worker(Id, Module, Args) ->
    #{id => Id, start => {Module, start_link, Args}, shutdown => 2000}.

spec() ->
    {application, leo_manager,
     [{description, "LeoFS-shaped manager of the sandbox"}, {vsn, "1.4.4"}, {modules, [?MODULE]},
      {registered, [sandbox_manager]}, {applications, [kernel, stdlib]}, {mod, {?MODULE, []}}]}.
