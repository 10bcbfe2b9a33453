# Stops a manager the way it was started and proves it from the process table.
#
# Exit codes of `bin/leo_manager stop` are not used: it exits 1 for a node that runs under a changed cookie.
# heart is not an issue for a clean stop (init:stop ends it). A VM that outlives the limit is reported, never
# killed: it may be writing Mnesia's files.
#
# limit: seconds to wait; runner, etc: empty where bin/leo_manager is to say; lock, owner: empty where no lock is looked
# at; breaks: what breaks the same lock on the other manager's host; past: the journal entry that makes stopping unnecessary; journal: write-journal.sh
# side: what the settings take the manager for, `good` (it has the data) or `other` (empty: it is no step of a recovery)
# uses lib.sh
# uses install-lib.sh
# uses unit-lib.sh
# uses service-lib.sh
# shellcheck disable=SC2034 # the functions of service-lib.sh use and set them
node=$1 home=$2 limit=$3 runner=$4 etc=$5 lock=$6 owner=$7 incident=$8 past=$9 journal=${10} breaks=${11} side=${12}
how=
umask 022
cd / || exit 1
find_place
respect
if [ -n "$past" ] && noted rollback.begun; then
  echo "The incident of $incident was rolled back, or ended because another one began: $node is left as it is. Give a new incident name to recover again."
  exit 1
fi
if [ -n "$past" ] && noted "$past"; then
  echo "$node was stopped for this incident before and the recovery went on since ($past): left as it is"
  exit 0
fi
# A run can leave the check out that refuses other settings than the incident was begun with.
refuse_others() {
  [ -n "$side" ] || return 0
  checked=$(as_runner "$runner" cat -- "$incident/journal/guard.done" 2>/dev/null) || checked=
  if [ -z "$checked" ]; then
    echo "$node was not checked for this incident: $(uname -n) has no note of it in $incident/journal that $runner can read. Nothing was done to $node."
    echo "Run pulumi up again with every resource (without --exclude and --target)."
    exit 1
  fi
  # Version 0.1.0 did not note the names.
  case $checked in *'"nodes":'*) ;; '{"good":'[01],*'}') return 0 ;; esac
  # Names of nodes have no spaces.
  # shellcheck disable=SC2046
  set -- $(printf '%s\n' "$checked" | sed -n 's/.*"good":\([01]\).*"nodes":\["\([^"]*\)","\([^"]*\)"\].*/\1 \2 \3/p')
  if [ $# != 3 ]; then
    echo "guard.done in $incident/journal on $(uname -n) is not as it was noted: it does not say which manager has the data. Nothing was done to $node."
    echo "Somebody changed it, or the disc is damaged. Put back what was there, from the other manager's host if need be, then run pulumi up again."
    exit 1
  fi
  if [ "$1" = 0 ]; then good=$2 other=$3; else good=$3 other=$2; fi
  case $side in good) [ "$node" = "$good" ] ;; *) [ "$node" = "$other" ] ;; esac && return 0
  echo "this incident was begun otherwise: $good has the data, and $other is made from it. Nothing was done to $node."
  echo "Say it again as it was, and run pulumi up with every resource (without --exclude and --target). If that was wrong, roll it back as it was (rollback: true), then recover under a new incident."
  exit 1
}
refuse_others
settle "$limit"
if gone && unit_rests; then
  echo "$node is down already: no beam process with -name $node"
else
  pids=$(beams "$node" "$home" | tr '\n' ' ')
  busy=$(busy_unit)
  noted "stop.$node.begun" || note "stop.$node.begun" "{\"epoch\":$(now)${busy:+,\"unit\":\"$busy\"}}"
  ran=$busy
  halt "$limit"
  note "stop.$node.done" "{\"epoch\":$(now)${ran:+,\"unit\":\"$ran\"}}"
  echo "$node stopped: ${pids:+process }${pids:-its unit waited to start it again, which is }gone ($how)"
fi
if there; then echo "$node came back after it was stopped: something starts it again on $(uname -n)"; exit 1; fi
