# Starts a manager, or finds it running, and proves that its VM is there and reads what its conf says.
#
# `bin/leo_manager start` exits 0 whatever follows, and starts with the old app.config when the conf does not
# parse or a new one cannot be written: so the generated files are compared with what was asked, and one that runs with
# older ones is started again.
#
# limit: seconds to wait; runner, etc: empty where bin/leo_manager is to say; lock, owner: empty where no lock is looked
# at; breaks: what breaks the same lock on the other manager's host; partner: whom it must have been started with (empty: not looked at); only: the role it must have had at its last
# start to be started at all (empty: any); stop_limit: seconds to wait for a stop; incident: where a stop noted what it stopped (empty: nowhere)
# ready: the journal entry without which its files are not what it is to be started with (empty: it is no step of a recovery)
# uses lib.sh
# uses install-lib.sh
# uses unit-lib.sh
# uses service-lib.sh
# shellcheck disable=SC2034,SC2154 # the functions of service-lib.sh use and set them
node=$1 home=$2 limit=$3 runner=$4 etc=$5 lock=$6 owner=$7 partner=$8 only=$9 stop_limit=${10} breaks=${11} incident=${12} ready=${13}
umask 022
cd / || exit 1
find_place
respect
# A run can leave the step out that makes its files ready: old ones would come to life, or be moved aside under the new pair.
if [ -n "$ready" ] && ! noted "$ready" && ! noted proven.done; then
  echo "$node is not ready to be started: $(uname -n) has no note in $incident/journal that its files are those of this recovery ($ready). Nothing was done to $node."
  echo "Run pulumi up again with every resource (without --exclude and --target)."
  exit 1
fi
# LeoFS's user may have made it so that nobody else reads it (umask 077).
generated() { if [ -r "$etc/app.config" ]; then cat -- "$etc/app.config"; else as_runner "$runner" cat -- "$etc/app.config" 2>/dev/null; fi; }
if [ -n "$only" ] && ! generated >/dev/null; then
  echo "$node: $runner cannot read $etc/app.config on $(uname -n), so it is not known whether it is the $only of the pair. Nothing was started."
  echo "See to it that $runner may read it, then run pulumi up again."
  exit 1
fi
if [ -n "$only" ] && ! generated | grep -q "{manager_mode, *$only}"; then
  echo "$node is not the $only of the pair: it is started after it"
  exit 0
fi
other_partner() { [ -n "$partner" ] && generated >/dev/null && ! generated | grep -qF -e "'$partner'"; }
# The last line that sets it counts, and the files of leo_manager.d come after the conf.
conf_names_it() {
  # A file may end without a newline.
  for file in "$etc/leo_manager.conf" "$etc"/leo_manager.d/*.conf; do [ ! -f "$file" ] || { cat -- "$file"; echo; }; done | PARTNER=$partner LC_ALL=C awk '
    /^[ \t]*manager[.]partner[ \t]*=/ { value = $0; sub(/^[^=]*=[ \t]*/, "", value); sub(/[ \t\r]*$/, "", value) }
    END { exit value != ENVIRON["PARTNER"] }'
}
how="it ran already"
settled || { settle "$limit"; gone || how="a start was under way"; }
if there && other_partner && conf_names_it; then
  echo "$node was started before its conf named $partner, or could not read it (a full disc): stopped, to be started again"
  halt "$stop_limit"
fi
if gone; then
  if by_unit; then ask_unit start "$unit"; else ask_script start; fi
  if ! await there "$limit"; then
    echo "$node did not start: no beam process with -name $node on $(uname -n) $limit s after '$how'.$(its_words)"
    echo "Look at $home/log/erlang.log.* and $home/log/app/error, mend the cause, then run pulumi up again."
    exit 1
  fi
fi
if other_partner; then
  echo "$node runs, but with another partner than $partner: $etc/app.config was generated from something else."
  echo "It says: $(generated | tr -d '\n' | grep -o 'manager_partners,[^}]*' | head -n 1)"
  echo "Stop it, see why $etc/leo_manager.conf is not what LeoFS reads, then run pulumi up again."
  exit 1
fi
echo "$node runs: process $(beams "$node" "$home" | tr '\n' ' ')($how)"
