# Directories beside this one whose names begin with its own.
directory=$1
cd -- "$(dirname -- "$directory")" || exit 0
for one in "$(basename -- "$directory")".*; do [ -d "$one" ] && printf '%s\n' "$PWD/$one"; done
exit 0
