# Functions of the service scripts, which set `node`, `home`, `limit`, `runner`, `etc`, `lock` and `owner`.
# uses ../../manager/scripts/lib.sh
# shellcheck disable=SC2154 # the scripts set them

elevate() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
runner_of() {
  [ -n "$runner" ] || runner=$(sed -n 's/^ *\(export \)\{0,1\}RUNNER_USER=["'"'"']\{0,1\}\([A-Za-z0-9_.-]*\).*/\2/p' "$etc/leo_manager.environment" 2>/dev/null | tail -n 1)
  [ -n "$runner" ] || runner=leofs
}
# Runs on its own, without this script's output: whoever reads that would wait for the end of a command that hangs.
aside() { ( exec >/dev/null 2>&1 </dev/null; "$@" ) & }
doze() { sleep 0.1 2>/dev/null || sleep 1; }
unit_of() {
  if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
    for unit in leofs-manager-master leofs-manager-slave; do
      case "$(systemctl show -p ExecStart "$unit" 2>/dev/null)" in
        *"$home/bin/leo_manager"*) case "$(systemctl is-enabled "$unit" 2>/dev/null) $(systemctl is-active "$unit" 2>/dev/null)" in
          enabled*|*" active") printf '%s\n' "$unit"; return 0 ;; esac ;;
      esac
    done
  fi
  return 1
}
as_runner() {
  runner=$1; shift
  if [ -z "$runner" ] || [ "$(id -un)" = "$runner" ]; then "$@"
  elif [ "$(id -u)" = 0 ]; then if command -v runuser >/dev/null 2>&1; then runuser -u "$runner" -- "$@"; else sudo -n -H -u "$runner" "$@"; fi
  else sudo -n -H -u "$runner" "$@"; fi
}
ask() {
  if unit=$(unit_of); then
    how="systemctl $1 $unit"
    aside elevate systemctl "$1" "$unit"
  else
    how="$home/bin/leo_manager $1"
    aside as_runner "$runner" "$home/bin/leo_manager" "$1"
  fi
  asked=$(date +%s)
}
gone() { [ -z "$(beams "$node")" ]; }
there() { ! gone; }
settled() { there || [ -z "$(starting "$home")" ]; }
await() {
  until "$1"; do
    [ $(( $(date +%s) - asked )) -lt "$2" ] || return 1
    doze
  done
}
# Waits for a start that somebody made before: this script's own would be a second one beside it.
settle() {
  settled && return 0
  asked=$(date +%s)
  await settled "$1" && return 0
  echo "a start of $node is under way on $(uname -n) and brought no VM within $1 s: process $(starting "$home" | tr '\n' ' ')"
  echo "See in $home/log/erlang.log.* what it waits for, end it by hand, then run pulumi up again."
  exit 1
}
halt() {
  ask stop
  await gone "$1" && return 0
  echo "$node still runs $1 s after '$how': process $(beams "$node" | tr '\n' ' ')on $(uname -n)."
  echo "Nothing was killed, because it may be writing its Mnesia files. Look at $home/log/app/error, stop it by hand, then run pulumi up again."
  exit 1
}

# Writes a journal entry as the user LeoFS runs as: `journal` is the script that does it, `incident` where.
now() { date +%s.%N | sed 's/[^0-9.].*//'; }
note() {
  as_runner "$runner" sh -c "$journal" sh "$incident" "$1" "$2" || echo "the journal in $incident could not be written; the next run looks at the processes instead" >&2
}
noted() { as_runner "$runner" test -e "$incident/journal/$1"; }

# Ends the script when a recovery of another incident holds the manager's lock (remote/lockFiles.ts): an `up` that resumes
# comes here before any step that takes it.
# shellcheck disable=SC2016 # the inner shell expands it
respect() {
  [ -n "$lock" ] || return 0
  holder=$(as_runner "$runner" sh -c '
file=$1 holder=
while [ -f "$file" ]; do
  { read -r id; read -r holder; } < "$file" || break
  file=$1.$id.next
done
printf "%s\n" "$holder"' sh "$lock" 2>/dev/null)
  case $holder in "" | *'"released":true'* | *"$owner"*) return 0 ;; esac
  said() { printf '%s\n' "$holder" | sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }
  echo "Another recovery works on this pair: $(said who), incident $(said incident), since $(said since). Nothing was done to $node."
  echo "Wait for it. If it is certain that it is over, break its lock with 'rm $lock' on $(uname -n) and try again."
  exit 1
}
