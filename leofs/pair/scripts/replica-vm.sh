# Becomes the temporary VM that takes a replica under a manager's own node name. Its program (../replicaVm.erl) is the first
# line of standard input; it ends with its input.
# uses ../../erlang/scripts/lib.sh
home=$1 etc=$2
use_epmd_of "$home" "$etc"
use_runtime_of "$home"
# A firewall may let nodes reach each other on some ports alone.
told=$(told_of "$home" "$etc")
distribution=$(for end in min max; do printf '%s\n' "$told" | sed -n "s/.*\(-kernel  *inet_dist_listen_$end  *[0-9]*\).*/\1/p" | tail -n 1; done)
[ "$(protocol_of "$home" "$etc")" != inet6_tcp ] || distribution="$distribution -proto_dist inet6_tcp"
cd /
# shellcheck disable=SC2154 # `runtime` and `boot` are set by use_runtime_of
if [ -n "$boot" ] && [ -x "$runtime/erlexec" ]; then
  set -- "$runtime/erlexec" -boot "${boot%.boot}" -pa "$home"/lib/mnesia-*/ebin
else set -- "$runtime/erl"; fi
"$runtime/epmd" -daemon 2>/dev/null || true
# Since OTP 25 a node that loses another one tells all the rest, and they part with each other: a VM that was slow and left
# by the serving manager would make that one lose the nodes that serve with it.
alone='-kernel prevent_overlapping_partitions false'
# shellcheck disable=SC2086
exec "$@" -noshell -nocookie $alone $distribution -leofs_recovery replica -eval '
  spawn(fun() ->
    {ok, Tokens, _} = erl_scan:string(binary_to_list(base64:decode(lists:delete($\n, io:get_line(""))))),
    {ok, Program} = erl_parse:parse_exprs(Tokens),
    erl_eval:exprs(Program, [])
  end).'
