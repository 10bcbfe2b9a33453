# All that a manager's host says of it: installed release, conf, processes, tools. Changes nothing. `briefly` leaves out its unit, which
# takes longest.
# uses ../../../remote/scripts/lib.sh
# uses ../../conf/scripts/lib.sh
# uses lib.sh
# uses install-lib.sh
# uses unit-lib.sh
# uses ../../erlang/scripts/lib.sh
node=$1 home=$2 etc=$3 briefly=$4
value user "$(id -un)"
value now "$(date +%s)"
if [ -d "$home" ]; then
  value home yes
else
  at=$home
  while [ ! -d "$at" ] && [ "$at" != / ]; do at=$(dirname -- "$at"); done
  [ -x "$at" ] || value closed "$at"
fi
[ -x "$home/bin/leo_manager" ] && value script yes
next=${etc:-$(etc_of "$home" "$node")}
running=$(beams "$node" "$home" | tr '\n' ' ')
# shellcheck disable=SC2086 # process ids
[ -n "$etc" ] || etc=$(running_etc $running)
[ -n "$etc" ] || etc=$next
value etc "$etc"
if [ "$(real_path "$etc/x")" != "$(real_path "$next/x")" ]; then value etc.next "$next"; fi
environment=$(environment_of "$home" "$node" "$etc")
value runner "$(assigned RUNNER_USER "$environment" "$home")"
tell_conf "$etc" leo_manager
schema=$(assigned RUNNER_SCHEMA_DIR "$environment" "$home")
schema=${schema:-$home/etc}/leo_manager.schema
[ -f "$schema" ] || schema=$etc/leo_manager.schema
content schema "$schema"
content app.config "$etc/app.config"
content vm.args "$etc/vm.args"
content start_erl.data "$home/releases/start_erl.data"
for application in "$home"/lib/leo_manager-*; do if [ -d "$application" ]; then value application "${application##*/leo_manager-}"; fi; done
value beams "$running"
from=$([ -z "$running" ] || home_of "${running%% *}")
if [ -x "$from/bin/leo_manager" ] && [ "$(file_at "$from")" != "$(file_at "$home")" ]; then value beams.home "$from"; fi
[ -z "$running" ] || value supervisor "$(supervisor_of "${running%% *}")"
for boot in "$home"/releases/*/start_clean.boot "$home"/bin/*_clean.boot; do
  [ -r "$boot" ] && for vm in "$home"/erts-*/bin/erlexec; do [ -x "$vm" ] && value erlang yes; done
done
value distribution "$(protocol_of "$home" "$etc")"
[ -n "$briefly" ] || tell_unit "$home" "$etc" "$node"
adm=
# leofs-adm speaks through nc: without that it is of no use.
if command -v nc >/dev/null 2>&1; then
  adm=$(command -v leofs-adm || true)
  for candidate in "$home/../leofs-adm" /usr/local/bin/leofs-adm; do [ -n "$adm" ] || { [ -x "$candidate" ] && adm=$candidate; }; done
fi
if [ -n "$adm" ]; then
  value adm "$adm"
  case "$(TERM=${TERM:-dumb} "$adm" </dev/null 2>/dev/null)" in *dump-mnesia-data*) value admDumps yes ;; esac
fi
exit 0
