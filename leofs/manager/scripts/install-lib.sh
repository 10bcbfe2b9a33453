# Where a manager's conf is, and what its control script takes from there. For scripts that say `# uses` it, beside lib.sh.

# The last value that a control script's files of shell assignments give a name: `assigned NAME FILE HOME`. The machine's own comes
# before FILE. Nothing of them is run: $RUNNER_BASE_DIR is HOME, and what only a shell could tell counts as not given.
assigned() {
  { [ ! -f /etc/leofs/leofs.conf ] || cat /etc/leofs/leofs.conf; echo; [ ! -f "$2" ] || cat -- "$2"; } 2>/dev/null | NAME=$1= BASE=$3 LC_ALL=C awk '
    { sub(/^[ \t]*(export[ \t]+)?/, "") }
    index($0, ENVIRON["NAME"]) == 1 { said = substr($0, length(ENVIRON["NAME"]) + 1) }
    END {
      if (match(said, /^"[^"]*"/) || match(said, /^'"'[^']*'"'/)) said = substr(said, 2, RLENGTH - 2)
      else sub(/[ \t;].*/, "", said)
      while (match(said, /[$][{]?RUNNER_BASE_DIR[}]?/)) said = substr(said, 1, RSTART - 1) ENVIRON["BASE"] substr(said, RSTART + RLENGTH)
      if (said !~ /[$`]/) print said
    }'
}

# The directory that a VM reads its conf from, the last of several: `running_etc PID...`; nothing where that cannot be seen.
running_etc() {
  for pid; do
    arguments "$pid" | awk 'previous == "-config" && /\/app[.]config$/ { sub(/\/app[.]config$/, ""); print; exit } { previous = $0 }'
  done | tail -n 1
}

# Where GLOBAL_CONFIG has the conf of the first node of an installation; nothing without it: `global_etc HOME`.
global_etc() {
  case $(assigned GLOBAL_CONFIG /etc/leofs/leofs.conf) in [Yy][Ee][Ss]) printf '/etc/leofs/%s\n' "$(basename -- "$1")" ;; esac
}

# Where a node's control script reads its environment file: `switched_etc HOME NODE KIND`, KIND being `leo_manager` unless
# given. A second node of one installation (NODE_EXTRA_NAME) is known by the node name in its conf.
switched_etc() {
  found=$(global_etc "$1")
  [ -n "$found" ] || { printf '%s\n' "$1/etc"; return 0; }
  for other in "$found"_*/; do
    grep -Eqs "^[[:blank:]]*nodename[[:blank:]]*=[[:blank:]]*$2[[:space:]]*\$" "${other}${3:-leo_manager}.conf" "${other}${3:-leo_manager}.d"/*.conf && found=${other%/}
  done
  printf '%s\n' "$found"
}

# The directory from which the control script would start a node: GLOBAL_CONFIG first, then RUNNER_ETC_DIR. As above.
etc_of() {
  switched=$(switched_etc "$1" "$2" "$3")
  named=$(assigned RUNNER_ETC_DIR "$switched/${3:-leo_manager}.environment" "$1")
  printf '%s\n' "${named:-$switched}"
}

# The environment file of a node whose conf is in ETC: `environment_of HOME NODE ETC KIND`.
environment_of() {
  found=$(switched_etc "$1" "$2" "$4")/${4:-leo_manager}.environment
  [ -f "$found" ] || found=$3/${4:-leo_manager}.environment
  printf '%s\n' "$found"
}

# The name that bin/leo_manager and the unit of a second manager of one installation get: `extra_of HOME ETC`.
extra_of() {
  case ${2##*/} in
  "$(basename -- "$1")"_*) last=${2##*/} && printf '%s\n' "${last#"$(basename -- "$1")_"}" ;;
  esac
}

# Nodes of the other managers that the control script of HOME starts: `beside_of HOME ETC`, ETC being where the manager's own conf is.
beside_of() {
  first=$(global_etc "$1")
  [ -n "$first" ] || return 0
  for other in "$first" "$first"_*; do
    [ "$other" = "$2" ] || sed -n 's/^[[:blank:]]*nodename[[:blank:]]*=[[:blank:]]*//p' "$other/leo_manager.conf" "$other"/leo_manager.d/*.conf 2>/dev/null | tail -n 1 | tr -d '\r'
  done
}

# Has LeoFS do with a file what COMMAND says, through leofs-adm where it has the command, else through the manager's own script: of two
# managers of one installation that takes the first unless it is told the other's name. `data_command COMMAND HOME ETC ADM ADDRESS PORT FILE`.
data_command() {
  if [ -n "$4" ]; then "$4" -h "$5" -p "$6" "$1" "$7"
  else
    extra=$(extra_of "$2" "$3")
    [ -z "$extra" ] || export NODE_EXTRA_NAME="$extra"
    "$2/bin/leo_manager" "$1" "$7"
  fi
}

# A program's path without symbolic links among its directories.
real_path() { (cd -P -- "${1%/*}/" 2>/dev/null && printf '%s/%s\n' "$PWD" "${1##*/}"); }
