# Prints the processes of scripts that are not over: of the runs whose shells are called "$@", and of every other shell
# that was started with this lock among its words (a service step).
#
# A script runs in a child of its shell, which has the same words; a shell without one only waits, perhaps for a
# connection that is lost. Where there is no /proc nothing can be told: what has begun is then taken to be over.
path=$1; shift
words_of() { tr '\0' ' ' < "/proc/$1/cmdline" 2>/dev/null; }
parent_of() { sed -n 's/^PPid:[^0-9]*//p' "/proc/$1/status" 2>/dev/null; }
# Not among the words of grep: it would find itself.
# shellcheck disable=SC2062 # the pattern comes from standard input
found() { printf '%s\n' "$1" | grep -l -a -z -F -f - /proc/[0-9]*/cmdline 2>/dev/null | sed 's/[^0-9]*//g'; }
for mark; do
  for pid in $(found "$mark"); do
    [ "$(words_of "$pid")" = "sh -s $mark " ] || continue
    [ "$(words_of "$(parent_of "$pid")")" = "sh -s $mark " ] && echo "$pid"
  done
done
for pid in $(found "$path"); do
  # This script itself, where it was not given to a shell that waits.
  if [ "$pid" = $$ ] || [ "$(parent_of "$pid")" = $$ ]; then continue; fi
  case $(cat "/proc/$pid/comm" 2>/dev/null) in *sh|busybox*) echo "$pid" ;; esac
done
exit 0
