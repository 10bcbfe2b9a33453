# Which systemd unit runs a manager. For scripts that say `# uses` it, beside lib.sh and install-lib.sh.

has_systemd() { command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; }

# What systemd says of services: `told_units UNIT...`, of all without a name.
told_units() {
  if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # names of units have no spaces
    set -- $({ systemctl list-unit-files --type=service --no-legend --no-pager; systemctl list-units --type=service --all --plain --no-legend --no-pager; } 2>/dev/null | awk '$1 !~ /@[.]service$/ { print $1 }' | sort -u)
  fi
  systemctl show -p Id -p ExecStart -p Environment -p EnvironmentFiles -p WorkingDirectory "$@" 2>/dev/null
}

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

# The files that units run, name to what they run, or read their environment from, by the same: `UNIT/EXTRA FILE`, a line each.
# A unit whose own words name leo_manager has a line with the file `-` too.
unit_files() {
  awk '
    function tell(n, words) {
      if (start ~ /leo_manager/) print id "/" extra, "-"
      n = split(start " " files, words, /[ "'"'"';=]+/)
      for (; n > 0; n--) if (words[n] ~ /^\/./) print id "/" extra, words[n]
      id = extra = start = files = ""
    }
    /^Id=/ { id = substr($0, 4) }
    /^ExecStart=/ { start = start " " $0 }
    /^EnvironmentFiles=/ { files = files " " substr($0, index($0, "=") + 1) }
    /^Environment=/ && match($0, /NODE_EXTRA_NAME=[^ "]*/) { extra = substr($0, RSTART + 16, RLENGTH - 16) }
    /^$/ { tell() }
    END { tell() }'
}

# `UNIT/EXTRA` of those of such lines that a shell script, or another text, stands behind that names leo_manager.
naming_leofs() {
  files=$(sort -u | while read -r name file; do if [ "$file" = - ] || [ -f "$file" ]; then printf '%s %s\n' "$name" "$file"; fi; done)
  {
    printf '%s\n' "$files" | awk '$2 != "-" { print $2 }' | LC_ALL=C xargs grep -lIs -e leo_manager -- | sed 's/^/= /'
    printf '%s\n' "$files"
  } | awk '$1 == "=" { named[$2]; next } $2 == "-" || $2 in named { print $1 }' | sort -u
}

# The words by which a unit starts what it starts: its own, and those of the texts behind it.
words_of() {
  told_units "$1" | sed -n -e 's/^ExecStart=.*argv\[\]=\(.*\) ; ignore_errors=.*/\1/p' -e 's/^Environment=//p' -e 's/^WorkingDirectory=/cd /p'
  told_units "$1" | unit_files | while read -r _ file; do
    if [ -f "$file" ] && [ -r "$file" ]; then LC_ALL=C grep -Is '' "$file" | head -c 65536; fi
  done
}

# Whether such words, on standard input, start the manager in HOME: 0; 1 when they do not; 2 when they start a manager and it
# cannot be told that it is this one alone, always.
start_manager() {
  words=$(sed 's/^[[:blank:]]*#.*//')
  printf '%s\n' "$words" | grep -Eq -e '(^|[^a-z_])leo_manager["'"'"'}]*([[:blank:]]+-type[[:blank:]]+[a-z_]+)?[[:blank:]]+(start|foreground|foreground_start|console)([^a-z_-]|$)' -e '[[:blank:]](foreground_start|console)([^a-z_-]|$)' || return 1
  name=$(basename -- "$1")
  if printf '%s\n' "$words" | grep -Eo 'leo_(manager_[0-9]+|storage|gateway)' | grep -Fvxq -e "$name"; then
    case $words in *"$name"*) return 2 ;; *) return 1 ;; esac
  fi
  # One that looks first whether it runs is a watchman, unless it can stop it too, as a script of init.d.
  case $words in *" ping"*) case $words in *" stop"*) ;; *) return 2 ;; esac ;; esac
  ours=$(cd -P -- "$1" 2>/dev/null && pwd -P) || return 2
  for word in $(printf '%s\n' "$words" | grep -Eo '/[A-Za-z0-9_./@%+,:-]+' | sort -u | head -n 200); do
    found=$(cd -P -- "${word%/bin/leo_manager}" 2>/dev/null && pwd -P) || continue
    [ "$found" != "$ours" ] || return 0
    if [ "$found" = "$(dirname -- "$ours")" ]; then case $words in *"$name"*) return 0 ;; esac; fi
  done
  return 2
}

# The service that systemd keeps a process in: `service_of PID`. A login's session is none, nor is a unit of a user's own systemd.
service_of() {
  sed -n -e 's/^[0-9]*:name=systemd://p' -e 's/^0:://p' "/proc/$1/cgroup" 2>/dev/null | awk '/[.]service$/ && !/\/user@/ { sub(/.*\//, ""); print; exit }'
}

# Whether there is a VM of another node in a service: `other_vm SERVICE NODE`.
other_vm() {
  # shellcheck disable=SC2013 # these names have no spaces
  for file in $(grep -lF -e "/$1" /proc/[0-9]*/cgroup 2>/dev/null); do
    pid=${file#/proc/}
    arguments "${pid%/cgroup}" | NODE=$2 awk '
      NR == 1 && !/(^|\/)beam(\.smp)?$/ || $0 == "-extra" { exit }
      previous == "-name" { other = ($0 != ENVIRON["NODE"]); exit }
      { previous = $0 }
      END { exit !other }' && return 0
  done
  return 1
}

# The unit that runs a VM, by whatever wrapper it starts it: `own_service PID NODE HOME`. A service in which something else started it
# (sshd, cron, a supervisor), or which runs other nodes too, is none: its stop would stop more than this manager.
own_service() {
  service=$(service_of "$1")
  case $service in "" | rc-local.service | rc.local.service) return 0 ;; esac
  main=$(systemctl show -p MainPID "$service" 2>/dev/null | cut -d = -f 2)
  if [ "$main" != "$1" ]; then
    if [ "${main:-0}" != 0 ]; then
      line_of "$1" | grep -qx -e "$main" || return 0
      case $(cat "/proc/$main/comm" 2>/dev/null) in "" | *sshd* | dropbear | cron | crond | atd) return 0 ;; esac
    fi
    [ -z "$(supervisor_of "$1")" ] || return 0
    words_of "$service" | grep -qF -e leo_manager -e "$3" || return 0
    if other_vm "$service" "$2"; then return 0; fi
  fi
  printf '%s\n' "$service"
}

# The units that start the manager NODE in HOME with its conf in ETC, by whatever path they name it, and whatever they are called:
# `units_of HOME ETC NODE`, first the one that runs it. One of which it is not sure has `? ` before its name.
units_of() {
  wanted=$(real_path "$1/bin/leo_manager") || return 0
  told=$(told_units)
  extra=$(extra_of "$1" "$2")
  for pid in $(beams "$3" "$1"); do own_service "$pid" "$3" "$1"; done
  printf '%s\n' "$told" | unit_programs | while read -r name program; do
    if [ "$(real_path "$program")" = "$wanted" ] && [ "${name#*/}" = "$extra" ]; then printf '%s\n' "${name%%/*}"; fi
  done
  direct=" $(printf '%s\n' "$told" | unit_programs | sed 's|/.*||' | tr '\n' ' ')"
  printf '%s\n' "$told" | unit_files | naming_leofs | while read -r name; do
    [ "${name#*/}" = "$extra" ] || continue
    name=${name%%/*}
    case $direct in *" $name "*) continue ;; esac
    words_of "$name" | start_manager "$1"
    case $? in 0) printf '%s\n' "$name" ;; 2) printf '? %s\n' "$name" ;; esac
  done
}

# Units of the manager in HOME that are masked, by the files that the masks hide, of which systemd says nothing: `masked_units HOME ETC
# DIRECTORY...`, the directories being those of packages.
masked_units() {
  wanted=$(real_path "$1/bin/leo_manager") || return 0
  extra=$(extra_of "$1" "$2")
  shift 2
  for name in $(systemctl list-unit-files --type=service --state=masked --no-legend --no-pager 2>/dev/null | awk '{ print $1 }'); do
    for directory in "$@"; do
      [ -f "$directory/$name" ] || continue
      { printf 'Id=%s\n' "$name"; grep -e '^ExecStart=' -e '^Environment=' -- "$directory/$name"; echo; } | unit_programs
      break
    done
  done | while read -r name program; do
    if [ "$(real_path "$program")" = "$wanted" ] && [ "${name#*/}" = "$extra" ]; then printf '%s\n' "${name%%/*}"; fi
  done
}

# Of such lines on standard input the names that are sure, each once.
sure_of() { awk 'NF && $1 != "?" && !seen[$1]++ { print $1 }'; }

# The unit among these that is the manager's: the one that runs, else one that it is started by.
first_of() {
  for unit in "$@"; do at_rest "$unit" || { printf '%s\n' "$unit"; return 0; }; done
  for unit in "$@"; do if starts_by_unit "$unit"; then printf '%s\n' "$unit"; return 0; fi; done
  printf '%s\n' "$1"
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

# Files by which something beside systemd starts the manager in HOME by itself, again and again: cron's, monit's, init's, and those of a
# script that they name. `watchers HOME ROOT`, ROOT being empty but in tests.
watchers() {
  set -- "$1" "$2"/etc/crontab "$2"/etc/cron.d/* "$2"/etc/cron.hourly/* "$2"/var/spool/cron/* "$2"/var/spool/cron/crontabs/* "$2"/etc/monitrc \
    "$2"/etc/monit/monitrc "$2"/etc/monit.d/* "$2"/etc/monit/conf.d/* "$2"/etc/monit/conf-enabled/* "$2"/etc/init/*.conf "$2"/etc/inittab
  watched=$1; shift
  # Those that name leo_manager, or a script that does. `@reboot` is no matter while the host runs.
  scripts=$(LC_ALL=C grep -hIsEo '/[A-Za-z0-9_./@%+,:-]+' -- "$@" | sort -u | while read -r one; do if [ -f "$one" ]; then printf '%s\n' "$one"; fi; done | LC_ALL=C xargs grep -lIs -e leo_manager -- /dev/null)
  for file in $({ LC_ALL=C grep -lIs -e leo_manager -- "$@"; [ -z "$scripts" ] || LC_ALL=C grep -lIsF -e "$scripts" -- "$@"; } | sort -u); do
    {
      LC_ALL=C grep -Is '' "$file" | grep -v '^[[:blank:]]*@reboot'
      for one in $scripts; do LC_ALL=C grep -v '^[[:blank:]]*@reboot' "$file" | grep -v '^[[:blank:]]*#' | grep -qF -e "$one" && LC_ALL=C grep -Is '' "$one"; done
    } | head -c 65536 | start_manager "$watched"
    case $? in 0 | 2) printf '%s\n' "$file" ;; esac
  done
}

# What a look says of the units of a manager: which is its own, whether it runs or starts it, whether this user may stop and start
# it and others that run; and which may be its own.
tell_unit() {
  watchers "$1" | values watcher
  has_systemd || return 0
  told=$(units_of "$1" "$2" "$3")
  units=$(printf '%s\n' "$told" | sure_of)
  around=$(for pid in $(beams "$3" "$1"); do service_of "$pid"; done | tail -n 1)
  case $around in
  "" | ssh*.service | cron*.service | atd.service) ;;
  *) if ! printf '%s\n' "$units" | grep -qxF -e "$around"; then value unit.around "$around"; fi ;;
  esac
  for name in $(printf '%s\n' "$told" | sed -n 's/^? //p'); do
    printf '%s\n' "$units" "$around" | grep -qxF -e "$name" || printf '%s\n' "$name"
  done | values unit.unclear
  value unit.masked "$(masked_units "$1" "$2" /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system | head -n 1)"
  [ -n "$units" ] || return 0
  # shellcheck disable=SC2086 # names of units have no spaces
  told=$(first_of $units)
  value unit "$told"
  case $(systemctl show -p LoadState -p ExecStop "$told" 2>/dev/null) in
  *LoadState=masked*) value unit.masked "$told" ;;
  *ExecStop=*) ;;
  *) value unit.kills yes ;;
  esac
  value unit.systemctl "$(command -v systemctl)"
  at_rest "$told" || value unit.active yes
  if starts_by_unit "$told"; then value unit.starts yes; fi
  for name in $units; do
    if [ "$name" != "$told" ] && at_rest "$name"; then continue; fi
    if ! { word_for stop "$name" && word_for start "$name"; } >/dev/null; then
      value unit.said "$(sudo -n -l systemctl stop "$name" 2>&1 >/dev/null | tail -n 1)"
      return 0
    fi
  done
  value unit.mine yes
}

# How this user may name a unit: sudoers may have it without its suffix. `word_for VERB UNIT`; fails where it has neither.
word_for() {
  for word in "$2" "${2%.service}"; do
    if [ "$(id -u)" = 0 ] || sudo -n -l systemctl "$1" "$word" >/dev/null 2>&1; then printf '%s\n' "$word"; return 0; fi
  done
  return 1
}
