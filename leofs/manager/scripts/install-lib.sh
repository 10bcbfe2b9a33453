# Where a manager's conf is and which systemd unit runs it. For scripts that say `# uses` it, beside lib.sh.

# The last value that a control script's files of shell assignments give a name: `assigned NAME FILE HOME`. The machine's own comes
# before FILE. Nothing of them is run: $RUNNER_BASE_DIR is HOME, and what only a shell could tell counts as not given.
assigned() {
  { cat /etc/leofs/leofs.conf; echo; cat -- "$2"; } 2>/dev/null | LC_ALL=C sed -n 's/^[[:blank:]]*\(export[[:blank:]]\{1,\}\)\{0,1\}'"$1"'=//p' | tail -n 1 |
    LC_ALL=C sed -e 's/^"\([^"]*\)".*/\1/' -e t -e "s/^'\([^']*\)'.*/\1/" -e t -e 's/[[:blank:];].*//' |
    BASE=$3 LC_ALL=C awk '
      { while (match($0, /[$][{]?RUNNER_BASE_DIR[}]?/)) $0 = substr($0, 1, RSTART - 1) ENVIRON["BASE"] substr($0, RSTART + RLENGTH) }
      !/[$`]/'
}

# The directory that the VM of NODE in HOME reads its conf from; nothing when it does not run, or when that cannot be seen.
running_etc() {
  for pid in $(beams "$1" "$2"); do
    arguments "$pid" | awk 'previous == "-config" && /\/app[.]config$/ { sub(/\/app[.]config$/, ""); print; exit } { previous = $0 }'
  done | tail -n 1
}

# Where a node's control script reads its environment file: `switched_etc HOME NODE KIND`, KIND being `leo_manager` unless
# given. A second node of one installation (NODE_EXTRA_NAME) is known by the node name in its conf.
switched_etc() {
  found=$1/etc
  case $(assigned GLOBAL_CONFIG /etc/leofs/leofs.conf) in
  [Yy][Ee][Ss])
    found=/etc/leofs/$(basename -- "$1")
    for other in "$found"_*/; do
      grep -Eq "^[[:blank:]]*nodename[[:blank:]]*=[[:blank:]]*$2[[:blank:]]*\$" "${other}${3:-leo_manager}.conf" 2>/dev/null && found=${other%/}
    done
    ;;
  esac
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

# A program's path without symbolic links among its directories.
real_path() { (cd -P -- "$(dirname -- "$1")" 2>/dev/null && printf '%s/%s\n' "$(pwd -P)" "$(basename -- "$1")"); }

# Which units start a manager, by what `systemctl show` says of units on standard input: `UNIT/EXTRA PROGRAM`, a line each,
# EXTRA being the NODE_EXTRA_NAME. One that dumps or pings it runs the same program, and is none of them.
unit_programs() {
  awk '
    function tell() {
      if (start !~ /\/bin\/leo_manager["'"'"']?( +-type +[a-z_]+)? +(start|foreground_start|console)([ ;"'"'"']|$)/) start = ""
      if (match(start, /path=[^;]*\/bin\/leo_manager ;/)) start = substr(start, RSTART + 5, RLENGTH - 7)
      else if (match(start, /\/[^ ;="]*\/bin\/leo_manager/)) start = substr(start, RSTART, RLENGTH)
      else start = ""
      if (id != "" && start != "") print id "/" extra, start
      id = extra = start = ""
    }
    /^Id=/ { id = substr($0, 4) }
    /^ExecStart=/ { start = start $0 }
    /^Environment=/ && match($0, /NODE_EXTRA_NAME=[^ "]*/) { extra = substr($0, RSTART + 16, RLENGTH - 16) }
    /^$/ { tell() }
    END { tell() }'
}

# The units whose manager is the one in HOME with its conf in ETC, by whatever path they name it, and whatever they are called.
units_of() {
  wanted=$(real_path "$1/bin/leo_manager") || return 0
  # shellcheck disable=SC2046 # names of units have no spaces
  systemctl show -p Id -p ExecStart -p Environment $(
    { systemctl list-unit-files --type=service --no-legend --no-pager; systemctl list-units --type=service --all --plain --no-legend --no-pager; } 2>/dev/null | awk '$1 !~ /@[.]service$/ { print $1 }' | sort -u
  ) 2>/dev/null | unit_programs | while read -r name program; do
    if [ "$(real_path "$program")" = "$wanted" ] && [ "${name#*/}" = "$(extra_of "$1" "$2")" ]; then printf '%s\n' "${name%%/*}"; fi
  done
}

# The systemd unit of that manager. Of several it is the one that runs, else one that it is started by.
unit_of() {
  command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ] || return 1
  units=$(units_of "$1" "$2")
  [ -n "$units" ] || return 1
  for unit in $units; do at_rest "$unit" || { printf '%s\n' "$unit"; return 0; }; done
  for unit in $units; do if starts_by_unit "$unit"; then printf '%s\n' "$unit"; return 0; fi; done
  printf '%s\n' "$units" | head -n 1
}

# Whether systemd neither runs a unit nor is about to start it: one that waits for its next try is `activating`. To the systemd of
# CentOS 7 one that is stopped and not enabled is `unknown`.
at_rest() { case $(systemctl is-active "$1" 2>/dev/null) in inactive | failed | unknown | "") return 0 ;; *) return 1 ;; esac }

# Whether a unit is how its manager is started: it is enabled, or it ran since the host came up.
starts_by_unit() {
  case $(systemctl is-enabled "$1" 2>/dev/null) in enabled*) return 0 ;; esac
  at_rest "$1" || return 0
  [ "$(systemctl show -p InactiveEnterTimestampMonotonic "$1" 2>/dev/null | cut -d = -f 2)" != 0 ]
}

# What a look says of the unit: its name, whether it runs or starts its manager, and whether this user may stop and start it.
tell_unit() {
  told=$(unit_of "$1" "$2") || return 0
  value unit "$told"
  value unit.systemctl "$(command -v systemctl)"
  at_rest "$told" || value unit.active yes
  if starts_by_unit "$told"; then value unit.starts yes; fi
  if { word_for stop "$told" && word_for start "$told"; } >/dev/null; then value unit.mine yes; fi
}

# How this user may name a unit: sudoers may have it without its suffix. `word_for VERB UNIT`; fails where it has neither.
word_for() {
  for word in "$2" "${2%.service}"; do
    if [ "$(id -u)" = 0 ] || sudo -n -l systemctl "$1" "$word" >/dev/null 2>&1; then printf '%s\n' "$word"; return 0; fi
  done
  return 1
}
