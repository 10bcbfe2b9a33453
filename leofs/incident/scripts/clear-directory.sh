# Renames a Mnesia directory; an empty one with the same mode takes its place. `moved`: it was renamed before, and what
# is there now came since.
# uses ../../../remote/scripts/lib.sh
directory=$1 aside=$2 moved=$3
set -e
not_a_link "$directory"
if [ -n "$moved" ] && [ -d "$directory" ]; then exit 0; fi
if [ -d "$directory" ] && [ -z "$(ls -A -- "$directory")" ]; then exit 0; fi
if [ -d "$directory" ]; then
  if [ -e "$aside" ]; then echo "$aside exists already and $directory holds files: somebody put files there since. Move one of the two elsewhere, then run pulumi up again" >&2; exit 3; fi
  mv -- "$directory" "$aside"
fi
mode=755 group=
if [ -d "$aside" ]; then mode=$(stat -c %a "$aside"); group=$(stat -c %g "$aside"); fi
# shellcheck disable=SC2174 # the directory above is there
mkdir -p -m "$mode" -- "$directory"
[ -z "$group" ] || chgrp "$group" "$directory" 2>/dev/null || true
flush "$(dirname -- "$directory")"
