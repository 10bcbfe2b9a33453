# Refuses a target that exists.
path=$1
directory=$(dirname -- "$path")
[ -d "$directory" ] || { printf 'there is no directory %s\n' "$directory" >&2; exit 1; }
if [ -e "$path" ] || [ -L "$path" ]; then printf '%s exists already\n' "$path" >&2; exit 1; fi
