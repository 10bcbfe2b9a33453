# Moves what is in the place of a Mnesia directory to `undone`, and `incoming` (empty: nothing) there.
# uses ../../../remote/scripts/lib.sh
directory=$1 incoming=$2 undone=$3
set -e
not_a_link "$directory" "$incoming"
if [ -n "$incoming" ] && [ ! -d "$incoming" ]; then exit 0; fi
if [ -d "$directory" ]; then
  if [ -z "$(ls -A -- "$directory")" ]; then
    if [ -z "$incoming" ]; then exit 0; fi
    rmdir -- "$directory"
  else
    if [ -e "$undone" ]; then echo "$undone exists already and $directory holds files: somebody put files there since" >&2; exit 3; fi
    mv -- "$directory" "$undone"
  fi
fi
if [ -n "$incoming" ]; then mv -- "$incoming" "$directory"; fi
flush "$(dirname -- "$directory")"
