# Homes of LeoFS managers: those given, the usual places (packages, leofs_ansible, releases below /opt), and those whose
# managers run. A home is the directory above bin/leo_manager; the same one under two paths (current, 1.4.3) counts once.
# uses ../../../remote/scripts/lib.sh
seen=:
found() {
  [ -x "$1/bin/leo_manager" ] || return 0
  real=$(cd -- "$1" && pwd -P) || return 0
  case "$seen" in *":$real:"*) return 0 ;; esac
  seen="$seen$real:"
  printf '%s\n' "$1"
}
{
  for given in "$@"; do found "$given"; done
  for home in /usr/local/leofs/current/leo_manager_* /usr/local/leofs/*/leo_manager_* /opt/leofs/*/leo_manager_*; do found "$home"; done
  # One process for all of them, not one each; a name with a newline is none of ours.
  IFS='
'
  set -f
  # shellcheck disable=SC2012,SC2046 # where `readlink` is not; one word a line is meant
  for home in $(ls -ld /proc/[0-9]*/cwd 2>/dev/null | sed -n 's/.* -> //p' | sort -u); do found "$home"; done
} | values home
exit 0
