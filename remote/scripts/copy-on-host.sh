# The same from a file of the same host; prints that file's size and SHA-256.
# uses lib.sh
path=$1 source=$2
umask 077
set -C
cat -- "$source" >"$path" || exit 1
flush "$path" || exit 1
size=$(wc -c <"$source" | tr -d ' ')
printf '%s %s\n' "$size" "$(digest "$size" <"$source")"
