# Gives a finished backup its name with one rename, its manifest inside (empty: it is there already).
# uses ../../../remote/scripts/lib.sh
# uses lib.sh
partial=$1 final=$2 manifest=$3
set -e
umask 077
[ -z "$manifest" ] || printf '%s\n' "$manifest" > "$partial/manifest.json"
find "$partial" -type f -exec chmod 600 {} +
find "$partial" -type d -exec chmod 700 {} +
flush_files "$partial"
if [ -e "$final" ] || [ -L "$final" ]; then echo "$final exists already; a backup is never overwritten"; exit 3; fi
mv -- "$partial" "$final"
flush "$(dirname -- "$final")"
