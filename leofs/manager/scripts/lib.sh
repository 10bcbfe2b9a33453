# The process table is the only proof that a manager runs or does not. LeoFS's own answers lie in both directions (`start`
# exits 0 and the node dies, `stop` exits 1 with a wrong cookie).

arguments() { tr '\000' '\n' 2>/dev/null < "/proc/$1/cmdline"; } 2>/dev/null

# The home that a manager's VM was started from: every release runs its own erts.
home_of() { arguments "$1" | sed -n '1s|/erts-[^/]*/bin/[^/]*$||p'; }

file_at() { stat -Lc %d:%i "$1" 2>/dev/null; }

# Whether a process can be that of the manager in HOME: `of_home PID HOME PATH`. A container's processes are seen on its
# host, and its root directory is another: there PATH, from which the process was started, must be this very HOME. Where
# the root of a process cannot be seen it counts.
of_home() {
  theirs=$(file_at "/proc/$1/root/") || return 0
  [ "$theirs" = "$(file_at /)" ] || [ "$(file_at "/proc/$1/root$3")" = "$(file_at "$2")" ]
}

# Process ids of Erlang VMs started with `-name NODE`: `beams NODE HOME`. Behind `-extra` that name is an argument of LeoFS's own `nodetool`,
# which before OTP 23 looks like a VM of the node. A VM that this package itself runs on a copy of the files does not count.
beams() {
  if [ -r /proc/self/cmdline ]; then
    # shellcheck disable=SC2013 # these names have no spaces
    for file in $(grep -lazF -e "$1" /proc/[0-9]*/cmdline 2>/dev/null); do
      pid=${file#/proc/}; pid=${pid%/cmdline}
      arguments "$pid" | NODE=$1 awk '
        NR == 1 { vm = ($0 ~ /(^|\/)beam(\.smp)?$/) }
        $0 == "-extra" { vm = 0 }
        vm && previous == "-name" && $0 == ENVIRON["NODE"] { found = 1 }
        $0 == "-leofs_recovery" { own = 1 }
        { previous = $0 }
        END { exit !(found && !own) }' && of_home "$pid" "$2" "$(home_of "$pid")" && printf '%s\n' "$pid"
    done
  else
    ps axww -o pid= -o args= | NODE=$1 awk '
      $2 ~ /(^|\/)beam(\.smp)?$/ && !/ -leofs_recovery / { for (i = 3; i < NF && $i != "-extra"; i++) if ($i == "-name" && $(i + 1) == ENVIRON["NODE"]) print $1 }'
  fi
  return 0
}

# The processes above one, from its parent up: `line_of PID`.
line_of() {
  above=$1
  while above=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$above/status" 2>/dev/null) && [ "${above:-1}" -gt 1 ]; do printf '%s\n' "$above"; done
}

# The supervisor that a process runs under, which would start it again: `supervisor_of PID`, prints its process id and name. Not
# systemd's own units, which are found in another way. In a container it may be the first process, which also gets what others left
# behind: `run_erl`, which makes a daemon of itself. What a login or cron started is nobody's.
supervisor_of() {
  below=
  for above in $(line_of "$1") 1; do
    read -r called < "/proc/$above/comm" || return 0
    case $above/$called in
    */sshd* | */dropbear | */cron | */crond | */atd | 1/systemd | 1/init) return 0 ;;
    */supervisord | */runsv | */supervise | */s6-supervise | */monit | */circusd | */conmon | */containerd-shim* | */docker-init | */tini | */dumb-init | */systemd)
      [ "$above/$below" = 1/run_erl ] || printf '%s %s\n' "$above" "$called"
      return 0
      ;;
    esac
    below=$called
  done
}

# Process ids of a start of the manager in HOME that is under way: `bin/leo_manager start`, `console` or
# `foreground_start`, and the `run_erl` that it hands the console to. `run_erl` stays while the VM runs, so this says
# something only where `beams` finds none.
starting() {
  real=$(cd "$1" 2>/dev/null && pwd -P) || return 0
  if [ -r /proc/self/cmdline ]; then
    # shellcheck disable=SC2013 # these names have no spaces
    for file in $(grep -lazF -e /bin/leo_manager /proc/[0-9]*/cmdline 2>/dev/null); do
      pid=${file#/proc/}; pid=${pid%/cmdline}
      started=$(arguments "$pid" | awk '
        previous ~ /\/bin\/leo_manager$/ && /^(start|console|foreground_start)$/ { path = previous }
        /^exec \/.*\/bin\/leo_manager console( |$)/ { path = $0; sub(/^exec /, "", path); sub(/ console( .*)?$/, "", path) }
        { previous = $0 }
        END { sub(/\/bin\/leo_manager$/, "", path); print path }')
      [ -n "$started" ] && [ "$(cd "$started" 2>/dev/null && pwd -P)" = "$real" ] && of_home "$pid" "$real" "$started" && printf '%s\n' "$pid"
    done
  else
    ps axww -o pid= -o args= | SCRIPT=$1/bin/leo_manager awk '
      { at = index($0, ENVIRON["SCRIPT"] " "); rest = substr($0, at + length(ENVIRON["SCRIPT"]) + 1) }
      at && rest ~ /^(start|console|foreground_start)( |$)/ { print $1 }'
  fi
  return 0
}
