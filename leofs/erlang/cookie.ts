/**
 * Shell functions that hand a secret cookie to Erlang's tools without an argument, where every user of the host
 * could read it in the process list, and without a file that a killed run would leave behind.
 *
 * `with_cookie COOKIE COMMAND...` runs the command with a home of its own whose `.erlang.cookie` is a pipe: the
 * tools look there when no `-c` is given. What is left of it is a link; its target ends with the command. In memory
 * where there is such a place: a look changes nothing on a disc, and a full one does not end it.
 */
export const COOKIE_FUNCTIONS = `
with_cookie() {
  cookie=$1; shift
  own=$(umask 077; mktemp -d /dev/shm/.leofs-recovery.XXXXXX 2>/dev/null || mktemp -d "\${TMPDIR:-/tmp}/.leofs-recovery.XXXXXX") || return 1
  if [ -e /dev/fd/0 ]; then ln -s /dev/fd/3 "$own/.erlang.cookie"
  else ( umask 077; printf %s "$cookie" > "$own/.erlang.cookie" ); fi
  { printf %s "$cookie" | HOME=$own "$@" 3<&0 <&4 4<&-; } 4<&0
  code=$?
  rm -f -- "$own/.erlang.cookie"
  rmdir -- "$own"
  return "$code"
}
`;
