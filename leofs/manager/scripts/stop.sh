# Stops a manager the way it was started and proves it from the process table.
#
# Exit codes of `bin/leo_manager stop` are not used: it exits 1 for a node that runs under a changed cookie.
# heart is not an issue for a clean stop (init:stop ends it). A VM that outlives the limit is reported, never
# killed: it may be writing Mnesia's files.
#
# limit: seconds to wait; runner, etc: empty where bin/leo_manager is to say; lock, owner: empty where no lock is looked
# at; breaks: what breaks the same lock on the other manager's host; past: the journal entry that makes stopping unnecessary; journal: write-journal.sh
# uses lib.sh
# uses install-lib.sh
# uses unit-lib.sh
# uses service-lib.sh
# shellcheck disable=SC2034 # the functions of service-lib.sh use and set them
node=$1 home=$2 limit=$3 runner=$4 etc=$5 lock=$6 owner=$7 incident=$8 past=$9 journal=${10} breaks=${11}
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
