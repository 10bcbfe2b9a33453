# What later steps of a recovery need of a manager's host, seen by the user LeoFS runs as. Changes nothing.
# uses ../../../remote/scripts/lib.sh
# uses ../../manager/scripts/place-lib.sh
# uses ../../manager/scripts/lib.sh
# uses ../../manager/scripts/install-lib.sh
# uses ports-lib.sh
node=$1 home=$2 etc=$3 mnesia=$4 backups=$5 conf=$6 snmp=$7 queue=$8 aside=$9; shift 9
# Where this incident moves the Mnesia directory.
if [ -e "$aside/schema.DAT" ]; then value aside "$aside"; fi
log=$(assigned RUNNER_LOG_DIR "$(environment_of "$home" "$node" "$etc")" "$home")
case $log in /*) ;; *) log=$home/${log:-log} ;; esac
value user "$(id -un)"
value home "$(cd -P -- "$home" 2>/dev/null && pwd -P)"
# Where the node's name leads from here, when that is to another host. Where neither program says anything, nothing is said.
name=${node#*@}
case $name in
*:* | *[!0-9.]*) name=$({ getent ahostsv4 "$name" || getent ahosts "$name"; } 2>/dev/null | awk 'NR == 1 { print $1 }') ;;
esac
case $(ip route get "$name" 2>/dev/null) in "" | "local "*) ;; *) value elsewhere "$name" ;; esac
place mnesia "$mnesia"
place parent "$(dirname -- "$mnesia")"
place etc "$etc"
# A conf may be a link to where configuration management keeps it: the file is replaced there.
if [ -L "$conf" ]; then
  conf=$(readlink -f -- "$conf")
  value linked.file "$conf"
  place linked "$(dirname -- "$conf")"
fi
# `chattr +i`: not even root may replace it.
if lsattr -d -- "$conf" 2>/dev/null | awk '$1 ~ /i/ { fixed = 1 } END { exit !fixed }'; then value conf.fixed "$conf"; fi
if lsattr -d -- "$mnesia" 2>/dev/null | awk '$1 ~ /[ia]/ { fixed = 1 } END { exit !fixed }'; then value mnesia.fixed yes; fi
place log "$log"
place pipes "/tmp/$home"
place backups "$backups"
# All that lies in the Mnesia directory is backed up, also what is below it.
(
  if [ -L "$mnesia" ] || ! cd -- "$mnesia" 2>/dev/null; then exit 0; fi
  find . ! -name . \( -type f -o -type d \) -exec sh -c '
    for file; do if [ ! -r "$file" ] || { [ -d "$file" ] && [ ! -x "$file" ]; }; then printf "%s\n" "${file#./}"; fi; done' sh {} + 2>/dev/null | values unreadable
  find . ! -type f ! -type d 2>/dev/null | sed 's|^[.]/||' | values odd
  # Names with a line break, which is shown as DEL, with a backslash, and those that may not be UTF-8.
  LC_ALL=C find . \( -name '*[! -~]*' -o -name '*\\*' \) -print0 2>/dev/null | LC_ALL=C tr '\n\000' '\177\n' | sed 's|^[.]/||' | values named
)
# LeoFS's own stop takes the node's name and its cookie from what the last start generated.
for file in "$etc/vm.args" "$etc/app.config"; do if [ -e "$file" ] && [ ! -r "$file" ]; then printf '%s\n' "$file"; fi; done | values generated
cd -- "$home" 2>/dev/null || :
# Of the files on standard input, one a line, those that this user may not write; three at most.
not_writable() {
  while IFS= read -r file; do if [ -e "$file" ] && [ ! -w "$file" ]; then printf '%s\n' "$file"; fi; done | awk 'NR <= 3'
}
printf '%s\n' "$mnesia" "$mnesia"/* | not_writable | values guarded
# What every start writes. The log that run_erl writes is its newest.
{
  find "$queue" "$(sed -n 's/.*{db_dir, *"\([^"]*\)".*/\1/p' "$snmp.config" 2>/dev/null | head -n 1)" \( -type f -o -type d \) 2>/dev/null
  # shellcheck disable=SC2012 # the names are LeoFS's own
  ls -t "$log"/erlang.log.* 2>/dev/null | head -n 1
} | not_writable | values unwritable
# Where it runs, or the agent's conf cannot be told, SNMP's port is not looked at.
if [ -z "$(beams "$node" "$home")" ]; then
  agent=$(sed -n 's/.*{dir, *"\([^"]*\)".*/\1/p' "$snmp.config" 2>/dev/null | head -n 1)/agent.conf
  port=$(sed -n 's/^ *{intAgentUDPPort, *\([0-9]*\)}.*/\1/p' "$agent" 2>/dev/null | tail -n 1)
  if [ -n "$port" ]; then
    value snmp "$port $(sed -n 's/^ *{intAgentIpAddress, *\[\([0-9, ]*\)\]}.*/\1/p' "$agent" | tail -n 1 | tr -d ' ')"
    set -- "$@" "udp/$port"
  fi
fi
if [ $# -gt 0 ]; then tell_listeners "$@"; fi
# LeoFS takes every file of such a name in and below its conf directory for one that it has just generated. Those it removes before.
find "$etc/" -type f 2>/dev/null | grep -e 'app.*[0-9].config' -e 'vm.*[0-9].args' | while IFS= read -r file; do
  case ${file#"$etc/"} in */*) ;; app.*.config | vm.*.args) continue ;; esac
  printf '%s\n' "$file"
done | values stray
exit 0
