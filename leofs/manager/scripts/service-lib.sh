# Functions of the service scripts, which set `node`, `home`, `limit`, `runner`, `etc`, `lock`, `owner`, `breaks` and `incident`.
# uses lib.sh
# uses install-lib.sh
# uses unit-lib.sh
# shellcheck disable=SC2154,SC2034 # the scripts set and use them

elevate() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# What the settings do not say is found as bin/leo_manager finds it.
find_place() {
  # shellcheck disable=SC2046 # process ids
  [ -n "$etc" ] || etc=$(running_etc $(beams "$node" "$home"))
  [ -n "$etc" ] || etc=$(etc_of "$home" "$node")
  [ -n "$runner" ] || runner=$(assigned RUNNER_USER "$(environment_of "$home" "$node" "$etc")" "$home")
  [ -n "$runner" ] || runner=leofs
  units=''
  unit=''
  stopped=''
  if has_systemd; then
    stopped=$(stopped_unit | tail -n 1)
    units=$({ printf '%s\n' "$stopped"; units_of "$home" "$etc" "$node"; } | sure_of)
    # shellcheck disable=SC2086 # names of units have no spaces
    [ -z "$units" ] || unit=$(first_of $units)
    if unit_rests; then unit=${stopped:-$unit}; fi
  fi
}

# Whether the manager is started through its unit. Of one that is not enabled systemd forgets that it ran.
by_unit() { [ -n "$unit" ] && { [ "$unit" = "$stopped" ] || starts_by_unit "$unit"; }; }

# The unit that a stop of this incident found running: it comes first, also where nothing but a running VM shows which it is.
stopped_unit() {
  [ -n "$incident" ] || return 0
  for name in $(as_runner "$runner" cat "$incident/journal/stop.$node.begun" "$incident/journal/stop.$node.done" 2>/dev/null | sed -n 's/.*"unit":"\([^"]*\)".*/\1/p'); do
    [ "$(systemctl show -p LoadState "$name" 2>/dev/null)" = LoadState=loaded ] && printf '%s\n' "$name"
  done
  return 0
}

# Runs on its own, without this script's output: whoever reads that would wait for the end of a command that hangs. What
# it says goes into a file without a name, written on descriptor 7 and read on 8; what it starts gets neither.
aside() {
  said=$(mktemp 2>/dev/null) || said=
  if [ -n "$said" ]; then
    exec 7>"$said"
    exec 8<"$said"
    rm -f -- "$said"
    ( exec >&7 2>&1 </dev/null 7>&- 8<&-; "$@" ) &
  else
    ( exec >/dev/null 2>&1 </dev/null; "$@" ) &
  fi
}

# What the command that was run aside has said, as a sentence: its last words on one line.
its_words() {
  [ -n "$said" ] || return 0
  words=$(tail -n 5 <&8 | tr -d '\000-\010\013-\037\177' | tr '\n' ' ' | cut -c 1-400 | sed 's/ *$//')
  [ -z "$words" ] || printf ' It said: %s' "$words"
}

# Seconds that no change of the clock moves, where there are such.
ticks() { if read -r up _ < /proc/uptime; then printf '%s\n' "${up%%.*}"; else date +%s; fi; } 2>/dev/null

doze() { sleep 0.1 2>/dev/null || sleep 1; }

as_runner() {
  runner=$1; shift
  if [ -z "$runner" ] || [ "$(id -un)" = "$runner" ]; then "$@"
  elif [ "$(id -u)" = 0 ]; then if command -v runuser >/dev/null 2>&1; then runuser -s /bin/sh -c 'exec "$@"' -- "$runner" sh "$@"; else sudo -n -H -u "$runner" "$@"; fi
  else sudo -n -H -u "$runner" "$@"; fi
}

# Has systemd do with a unit what `tell_systemd VERB UNIT` says. Where sudoers has none of its names, sudo says so.
tell_systemd() { elevate systemctl "$1" "$(word_for "$1" "$2" || echo "$2")"; }

ask_unit() {
  asked_unit=$2
  how="systemctl $1 $2"
  aside tell_systemd "$1" "$2"
  asked=$(ticks)
}

ask_script() {
  how="$home/bin/leo_manager $1"
  extra=$(extra_of "$home" "$etc")
  if [ -n "$extra" ]; then aside as_runner "$runner" env "NODE_EXTRA_NAME=$extra" "$home/bin/leo_manager" "$1"
  else aside as_runner "$runner" "$home/bin/leo_manager" "$1"; fi
  asked=$(ticks)
}

gone() { [ -z "$(beams "$node" "$home")" ]; }
there() { ! gone; }
# A unit of the manager that systemd runs, or is about to start again.
busy_unit() { for one in $units; do at_rest "$one" || { printf '%s\n' "$one"; return 0; }; done; }
unit_rests() { [ -z "$(busy_unit)" ]; }
asked_rests() { at_rest "$asked_unit"; }
settled() { there || [ -z "$(starting "$home")" ]; }
await() {
  until "$1"; do
    [ $(( $(ticks) - asked )) -lt "$2" ] || return 1
    doze
  done
}

# Waits for a start that somebody made before: this script's own would be a second one beside it.
settle() {
  settled && return 0
  asked=$(ticks)
  await settled "$1" && return 0
  echo "a start of $node is under way on $(uname -n) and brought no VM within $1 s: process $(starting "$home" | tr '\n' ' ')"
  echo "See in $home/log/erlang.log.* what it waits for, end it by hand, then run pulumi up again."
  exit 1
}

# Stops units that are active or wait for their next try, then what a script started beside them.
halt() {
  for busy in $units; do
    at_rest "$busy" && continue
    ask_unit stop "$busy"
    if ! await asked_rests "$1" && gone; then
      echo "$busy is $(systemctl is-active "$busy") on $(uname -n) $1 s after '$how': systemd would start $node again.$(its_words)"
      echo "Stop it by hand, or allow $(id -un) to (sudo systemctl stop $busy), then run pulumi up again."
      exit 1
    fi
  done
  gone && return 0
  if unit_rests; then ask_script stop; fi
  await gone "$1" && return 0
  echo "$node still runs $1 s after '$how': process $(beams "$node" "$home" | tr '\n' ' ')on $(uname -n).$(its_words)"
  echo "Nothing was killed, because it may be writing its Mnesia files. Look at $home/log/app/error, stop it by hand, then run pulumi up again."
  exit 1
}

# Writes a journal entry as the user LeoFS runs as: `journal` is the script that does it, `incident` where.
now() { date +%s.%N | sed -e 's/[^0-9.].*//' -e 's/[.]$//'; }
note() {
  [ -n "$incident" ] || return 0
  as_runner "$runner" sh -c "$journal" sh "$incident" "$1" "$2" || echo "the journal in $incident could not be written; the next run looks at the processes instead" >&2
}
noted() { [ -n "$incident" ] && as_runner "$runner" test -e "$incident/journal/$1"; }

# Who holds a lock: the last file of its chain says so (see remote/lock/lockFiles.ts); `unreadable` where it cannot be seen.
# shellcheck disable=SC2016 # the inner shell expands it
holder_of() {
  as_runner "$runner" sh -c '
    file=$1 holder=
    while [ -f "$file" ]; do
      { read -r id; read -r holder; } < "$file" || { [ -f "$file" ] && holder=unreadable; break; }
      file=$1.$id.next
    done
    printf "%s\n" "$holder"' sh "$1" 2>/dev/null
}

# Ends the script when a recovery of another incident holds the lock: an `up` that resumes comes here before any step
# that takes it.
respect() {
  [ -n "$lock" ] || return 0
  holder=$(holder_of "$lock") || holder=unreadable
  case $holder in "" | *'"released":true'* | *"$owner"*) return 0 ;; esac
  if [ "$holder" = unreadable ]; then
    user=${runner:-$(id -un)}
    echo "$user cannot read $lock on $(uname -n), so it is not known whether another recovery works on this pair. Nothing was done to $node."
    echo "See whose file it is ('ls -l $lock'): a lock belongs to the user of LeoFS. If it is certain that no recovery runs, remove it with 'rm -f $lock'${breaks:+ and $breaks}; then try again."
    exit 1
  fi
  said() { printf '%s\n' "$holder" | sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }
  echo "Another recovery works on this pair: $(said who) (stack $(said stack) in $(said from)), incident $(said incident), since $(said since). Nothing was done to $node."
  echo "Wait for it. If it is certain that it is over, break its lock with 'rm -f $lock' on $(uname -n)${breaks:+ and $breaks} and try again."
  exit 1
}
