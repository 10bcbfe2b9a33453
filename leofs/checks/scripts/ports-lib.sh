# Who listens on a host. For scripts that say `# uses` it, beside remote's lib.sh.

# The sockets that wait for others on some ports: `listening PORT...`, PORT being `tcp/10010` or `udp/4020`. A line each: kind, address in
# Linux's own writing, port, inode.
listening() {
  for kind in tcp tcp6 udp udp6; do sed "s/^/$kind /" "/proc/net/$kind" 2>/dev/null; done | PORTS=" $* " awk '
    function number(hex, value, n) { for (n = 1; n <= length(hex); n++) value = value * 16 + index("0123456789ABCDEF", substr(hex, n, 1)) - 1; return value }
    ($1 ~ /^tcp/ && $5 == "0A") || ($1 ~ /^udp/ && $5 == "07") {
      split($3, at, ":")
      port = number(at[2])
      if (index(ENVIRON["PORTS"], " " substr($1, 1, 3) "/" port " ")) print $1, at[1], port, $11
    }'
}

# The program and the process id behind a socket: `holder_of_socket INODE`; nothing where this user does not see it.
holder_of_socket() {
  # shellcheck disable=SC2012 # the names below /proc/PID/fd are numbers
  pid=$(ls -l /proc/[0-9]*/fd 2>/dev/null | SOCKET="socket:[$1]" awk '/^\/proc\//{ split($0, path, "/"); pid = path[3] } $NF == ENVIRON["SOCKET"] { print pid; exit }')
  [ -z "$pid" ] || printf '%s %s\n' "$(cat "/proc/$pid/comm" 2>/dev/null)" "$pid"
}

# Tells of them as `listener.N`: `tell_listeners PORT...`.
tell_listeners() {
  listening "$@" | while read -r kind address port inode; do
    held=$(holder_of_socket "$inode")
    printf '%s\n' "$kind $address $port${held:+ $held}"
  done | values listener
}
