# Homes of LeoFS managers on a host: those given, and where none of them is there, the usual places (packages, leofs_ansible,
# releases below /opt) and those whose managers run. A home is the directory above bin/leo_manager; the same one under two paths
# (current, 1.4.3, a bind mount) counts once. `closed`: where one may be, in a directory that this user may not look into, and whose it is.
# uses ../../../remote/scripts/lib.sh
n=0
c=0
seen=:
known() {
  case "$seen" in *":$1:"*) return 0 ;; esac
  seen="$seen$1:"
  return 1
}
found() {
  [ -x "$1/bin/leo_manager" ] || return 0
  real=$(stat -Lc %d:%i -- "$1" 2>/dev/null || { cd -- "$1" && pwd -P; }) || return 0
  known "$real" || { n=$((n + 1)); value "home.$n" "$1"; }
}
closed() {
  at=$1
  while [ ! -d "$at" ] && [ "$at" != / ]; do at=$(dirname -- "$at"); done
  if [ ! -x "$at" ] && ! known "$at"; then
    c=$((c + 1))
    value "closed.$c" "$(owner_of "$at") $at"
  fi
}
for given in "$@"; do found "$given"; closed "$given/bin"; done
[ $n -eq 0 ] || exit 0
for home in /usr/local/leofs/current/leo_manager_* /usr/local/leofs/*/leo_manager_* /opt/leofs/*/leo_manager_*; do found "$home"; done
for directory in /usr/local/leofs /usr/local/leofs/* /opt/leofs; do [ ! -d "$directory" ] || closed "$directory"; done
# One process for all of them, not one each; a name with a newline is none of ours.
IFS='
'
set -f
# shellcheck disable=SC2012,SC2046 # where `readlink` is not; one word a line is meant
for home in $(ls -ld /proc/[0-9]*/cwd 2>/dev/null | sed -n 's/.* -> //p' | sort -u); do found "$home"; done
set +f
# Where a process works only its own user sees; which program it is all do. Of those a manager reads its own app.config.
# shellcheck disable=SC2013 # these names have no spaces
for file in $(grep -lazF -e /leo_manager /proc/[0-9]*/cmdline 2>/dev/null); do
  home=$(tr '\000' '\n' 2>/dev/null < "$file" | sed -n '1s|/erts-[^/]*/bin/beam[^/]*$||p')
  [ -n "$home" ] || continue
  found "$home"
  closed "$home/bin"
done
exit 0
