# shellcheck disable=SC2016,SC2154 # the hosts expand what is quoted; the values stand in the runbook, above this
# What every runbook does with its steps. The values and the steps stand above; the last line of a runbook is: main "$@"

fail() { echo "STOP: $*" >&2; exit 1; }

quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

# remote SIDE SCRIPT VALUE...: a script on a manager's host, as the user LeoFS runs as; as_login: as the login user.
remote() { with_side "$1" leofs "$@"; }
as_login() { with_side "$1" login "$@"; }
with_side() {
  ssh_side=$1 ssh_as=$2; shift 3
  ssh_line="sh -c $(quoted "$1") sh"; shift
  for value in "$@"; do ssh_line="$ssh_line $(quoted "$value")"; done
  if [ "$ssh_as" = leofs ]; then
    extra=$(extra_of "$ssh_side") user=$(become "$ssh_side")
    [ -z "$extra" ] || ssh_line="NODE_EXTRA_NAME=$(quoted "$extra") $ssh_line"
    [ -z "$user" ] || ssh_line="cd /; if [ \"\$(id -u)\" = 0 ]; then exec runuser -s /bin/sh $user -c $(quoted "$ssh_line"); else exec sudo -n -H -u $user sh -c $(quoted "$ssh_line"); fi"
  fi
  # What the start files of a login print comes before the mark; the exit code takes another way.
  ssh_line=$(packed "printf '\\n%s\\n' $mark; $ssh_line")
  { ssh_code=$({ { reach "$ssh_side" "$ssh_line" 3>&- 4>&-; printf %s "$?" >&3; } | { while IFS= read -r ssh_said; do [ "$ssh_said" != "$mark" ] || break; done; cat >&4; }; } 3>&1); } 4>&1
  return "${ssh_code:-255}"
}
mark=leofs-recovery-begins-here

# A line of sh as one that every login shell hands on to sh alike, csh and fish too: its bytes in octal.
packed() { printf "sh -c 'eval \"\$(printf \"\$0\")\"' '%s'" "$(printf %s "$1" | od -An -v -to1 | tr -s ' \n' '  ' | sed -e 's/ *$//' -e 's/ /\\/g')"; }

# Nothing of this incident was begun here, by Pulumi or by an earlier runbook.
untouched() {
  remote "$1" 'for path in "$1" "${1%-by-hand}/journal"; do [ ! -e "$path" ] || { echo "$path is there: this incident was begun. Go on with what began it, or give a new incident name"; exit 1; }; done' "$2" </dev/null
}

wait_for() {
  limit=$1; shift
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt "$limit" ] || { echo "waited some $limit s for: $*"; return 1; }
    sleep 1
  done
}

# What the process table says: `runs` or `down`; nothing where it cannot be asked. A VM of LeoFS's own nodetool carries the
# node's name too, but behind -extra. Not by ps, which busybox has with other options.
state_of() {
  remote "$1" '[ -r /proc/self/cmdline ] || exit 1
    for file in $(grep -laF -e "$1" /proc/[0-9]*/cmdline 2>/dev/null); do
      tr "\000" "\n" 2>/dev/null < "$file" | awk -v node="$1" "NR == 1 && !/beam/ || \$0 == \"-extra\" { exit }
        last == \"-name\" && \$0 == node { found = 1; exit }
        { last = \$0 }
        END { exit !found }" && echo runs && exit 0
    done 2>/dev/null
    echo down' "$2" </dev/null
}
runs() { [ "$(state_of "$1" "$2")" = runs ]; }
# A host that does not answer is no manager that is down.
is_down() { [ "$(state_of "$1" "$2")" = down ]; }

# Its exit code says nothing: the process table does.
control() { # SIDE HOME UNIT stop|start
  if [ -n "$3" ]; then as_login "$1" 'if [ "$(id -u)" = 0 ]; then systemctl "$1" "$2"; else sudo -n systemctl "$1" "$2"; fi' "$4" "$3" </dev/null
  else remote "$1" '"$1/bin/leo_manager" "$2" >/dev/null 2>&1 </dev/null' "$2" "$4" </dev/null || true; fi
}
stop_manager() { control "$1" "$3" "$4" stop; wait_for 60 is_down "$1" "$2" || fail "$2 still runs. It is not killed: it may be writing its files"; }
start_manager() { control "$1" "$3" "$4" start; wait_for 30 runs "$1" "$2" || fail "$2 did not start; see its log/erlang.log.* and log/app/error"; }

take_dump() { # SIDE HOME FILE
  remote "$1" 'umask 077; mkdir -p "$(dirname "$2")" && rm -f "$2" && "$1/bin/leo_manager" dump-mnesia-data "$2"' "$2" "$3" </dev/null
}
# Whole: it begins with its tables, names each of them, and its last term has its full stop.
is_dump() { # SIDE FILE TABLES
  remote "$1" 'grep -q "^{tables," "$1" && tail -n 1 "$1" | grep -q "[.]\$" && for table in $2; do grep -q "$table" "$1" || exit 1; done && sha256sum "$1"' "$2" "$3" </dev/null
}
# Hours may lie between two steps, and an undo may have started it: what users wrote since is in no dump yet.
dump_again() { # SIDE NODE HOME FILE TABLES
  is_down "$1" "$2" && return 0
  take_dump "$1" "$3" "$4" && is_dump "$1" "$4" "$5"
}

hashes='cd "$1" 2>/dev/null && lines=$(find . -type f -exec sha256sum {} +) && printf "%s\n" "$lines" | LC_ALL=C sort -k 2'
hashes_of() { remote "$1" "$hashes" "$2" </dev/null; }
# Two hosts that said nothing did not say the same.
same() { [ -n "$1" ] && [ "$1" = "$2" ]; }
same_files() { # SIDE DIRECTORY SIDE DIRECTORY
  here=$(hashes_of "$1" "$2") && there=$(hashes_of "$3" "$4") && same "$here" "$there"
}
# What an earlier try of this step published is compared, and not written over.
back_up() { # SIDE MNESIA BACKUP
  remote "$1" 'umask 077; if [ -e "$2" ]; then echo "$2 is there already"; exit 0; fi
    rm -rf "$2.partial"; mkdir -p "$2.partial" && if [ -d "$1" ]; then cp -Rp "$1/." "$2.partial/" 2>/dev/null || { rm -rf "$2.partial"; mkdir "$2.partial" && cp -R "$1/." "$2.partial/"; }; fi && mv "$2.partial" "$2" && sync' "$2" "$3" </dev/null
}
# What is in its place, or was moved aside already, is what was backed up.
is_backed_up() { # SIDE MNESIA BACKUP ASIDE
  same_files "$1" "$2" "$1" "$3" && return 0
  [ -n "$4" ] && is_empty "$1" "$2" && same_files "$1" "$4" "$1" "$3" && return 0
  echo "$3 is not what $2 holds: it may be of an earlier try. See that nobody writes there, move $3 away and do this step again"
  return 1
}
is_empty() { remote "$1" '[ -d "$1" ] && [ -z "$(ls -A "$1")" ] || [ ! -e "$1" ]' "$2" </dev/null; }
clear_directory() { # SIDE MNESIA ASIDE
  remote "$1" '[ -d "$1" ] && [ -n "$(ls -A "$1")" ] || exit 0
    [ ! -e "$2" ] || { echo "$2 is there already: nothing was moved"; exit 1; }
    mode=$(stat -c %a "$1") && mv "$1" "$2" && mkdir -m "$mode" "$1"' "$2" "$3" </dev/null
}
# What came since is kept beside it.
put_back() { # SIDE MNESIA ASIDE
  remote "$1" '[ -e "$2" ] || exit 0
    if [ -d "$1" ] && [ -z "$(ls -A "$1")" ]; then rmdir "$1"; fi
    if [ -e "$1" ]; then mv "$1" "$1.undone" || exit 1; fi
    mv "$2" "$1"' "$2" "$3" </dev/null
}
copy_files() { # FROM BACKUP TO MNESIA
  same_files "$1" "$2" "$3" "$4" && return 0
  is_empty "$3" "$4" || { echo "$4 holds part of a copy, or other files: undo this step, then do it again"; return 1; }
  remote "$1" 'tar -C "$1" -cf - .' "$2" </dev/null | remote "$3" 'mkdir -p "$1" && tar -C "$1" -xpf -' "$4"
}

partner_is() { # SIDE CONF PARTNER
  remote "$1" '[ "$(sed -n "s/^[ 	]*manager[.]partner[ 	]*=[ 	]*//p" "$1" | tail -n 1 | sed "s/[ 	]*\$//")" = "$2" ]' "$2" "$3" </dev/null
}
set_partner() { # SIDE CONF PARTNER KEPT
  remote "$1" 'if [ -L "$1" ]; then conf=$(readlink -f "$1") && shift && set -- "$conf" "$@" || exit 1; fi
    umask 077; mkdir -p "$(dirname "$3")" && { [ -e "$3" ] || { cp "$1" "$3.partial" && cmp -s "$1" "$3.partial" && mv "$3.partial" "$3"; }; } && cp -p "$1" "$1.runbook" &&
    if grep -q "^[ 	]*manager[.]partner[ 	]*=" "$3"; then sed "s/^[ 	]*manager[.]partner[ 	]*=.*/manager.partner = $2/" "$3"
    else cat "$3"; [ -z "$(tail -c 1 "$3")" ] || echo; printf "manager.partner = %s\n" "$2"; fi > "$1.runbook" && mv "$1.runbook" "$1"' "$2" "$3" "$4" </dev/null
}
put_conf_back() { remote "$1" '[ ! -e "$2" ] || cp "$2" "$1"' "$2" "$3" </dev/null; }

console() { # SIDE WORD...: a command on that manager's console
  console_side=$1; shift
  adm_of "$console_side" "$@"
}
serves() { console "$1" status | grep -iq "ring hash"; }
all_tables() { # SIDE MNESIA TABLES
  remote "$1" 'for table in $2; do [ -e "$1/$table.DCD" ] || [ -e "$1/$table.DAT" ] || exit 1; done' "$2" "$3" </dev/null
}
load_dump() { # SIDE HOME FILE: it exits 1 when it worked
  said=$(remote "$1" '"$1/bin/leo_manager" load-mnesia-data "$2" 2>&1' "$2" "$3" </dev/null) || true
  printf '%s\n' "$said"
  case $said in *"New table"*) fail "LeoFS made a new table, in memory only. Undo from here back, then begin again" ;; esac
  case $said in *"already exists"*) ;; *) fail "nothing was loaded" ;; esac
}
# Rows that users and the ring are made of, each on a line. Only their digest leaves the host: they hold keys.
rows='rows() { awk "{ printf \"%s\", \$0 } /[.]\$/ { print \"\" }" "$1" | grep -E "^[{](leo_s3_|leo_ring_cur|leo_ring_prv)" | sed "s/[ 	]//g" | LC_ALL=C sort; }'
# They are written to a file first: what could not be read, or has no room, must not look like no rows.
digest_of() {
  remote "$1" "$rows; umask 077; rows \"\$1\" > \"\$1.rows\" && [ -s \"\$1.rows\" ] && sha256sum < \"\$1.rows\"; code=\$?; rm -f \"\$1.rows\"; exit \$code" "$2" </dev/null
}
same_rows() { # SIDE DUMP SIDE DUMP
  here=$(digest_of "$1" "$2") && there=$(digest_of "$3" "$4") && same "$here" "$there"
}
lacks() { # SIDE BEFORE NOW: how many rows of the dump from before are not in the one of now
  remote "$1" "$rows; umask 077; rows \"\$1\" > \"\$1.rows\" && [ -s \"\$1.rows\" ] && rows \"\$2\" > \"\$2.rows\" && LC_ALL=C comm -23 \"\$1.rows\" \"\$2.rows\" | wc -l; rm -f \"\$1.rows\" \"\$2.rows\"" "$2" "$3" </dev/null
}
# A fresh pair brings LeoFS's test user, whose key everybody knows, and default endpoints: they go before the load, which brings
# back what the dump has of them.
forget_fresh() { # SIDE
  console "$1" delete-user _test_leofs || true
  for endpoint in localhost s3.amazonaws.com; do console "$1" delete-endpoint "$endpoint" || true; done
}
# The key that everybody knows lets nobody in who was not let in before.
no_known_key() { # SIDE BEFORE NOW
  key_is=$(remote "$1" 'for dump in "$1" "$2"; do [ -r "$dump" ] || exit 1; if grep -q "^{leo_s3_credentials,<<\"05236\">>" "$dump"; then echo yes; else echo no; fi; done' "$2" "$3" </dev/null) || return 1
  case $key_is in
    yes* | no*no) ;;
    *) echo "the key of LeoFS's test user, which everybody knows, is back and was not there before: leofs-adm delete-user _test_leofs"; return 1 ;;
  esac
}

is_done() { grep -qx "done $1" "$log" 2>/dev/null; }
note() { printf '%s\n' "$1" >> "$log"; }
last_done() { sed -n 's/^done //p' "$log" 2>/dev/null | tail -n 1; }
do_step() {
  number=$1
  [ "$number" -le "$steps" ] || fail "there are $steps steps"
  if is_done "$number"; then echo "step $number is done; what is in $log counts"; return 0; fi
  [ "$number" = 1 ] || is_done $((number - 1)) || fail "step $((number - 1)) comes first"
  printf '%s  step %s: %s\n' "$(date -u +%H:%M:%S)" "$number" "$(title "$number")"
  note "begun $number $(date -u +%Y-%m-%dT%H:%M:%SZ)"
  "step_$number" || fail "step $number"
  "check_$number" || fail "the check of step $number; look, then: $0 step $number (again), or $0 undo $number"
  note "done $number"
  echo "          checked"
}
undo_step() {
  number=$1
  is_done $((number + 1)) && fail "undo step $((number + 1)) first"
  printf 'undo of step %s: %s\n' "$number" "$(title "$number")"
  "undo_$number" || fail "the undo of step $number"
  sed "/^done $number\$/d" "$log" > "$log.new" && mv "$log.new" "$log"
}
main() {
  log=${log:-$0.log}
  known=$(mktemp) && trap 'rm -f "$known"' EXIT
  host_keys > "$known"
  case ${1:-list} in
    list)
      number=1
      while [ "$number" -le "$steps" ]; do
        mark=' '; if is_done "$number"; then mark=x; fi
        printf '[%s] %2d  %s\n' "$mark" "$number" "$(title "$number")"
        number=$((number + 1))
      done
      echo "next: $0 step N; $0 check N; $0 undo N; $0 all (every step that is left, one after the other)" ;;
    step) do_step "${2:?a number}" ;;
    check) "check_${2:?a number}" && echo "checked" ;;
    undo) touch "$log"; undo_step "${2:?a number}" ;;
    all)
      number=1
      while [ "$number" -le "$steps" ]; do do_step "$number"; number=$((number + 1)); done ;;
    *) fail "list, step N, check N, undo N, or all" ;;
  esac
}
