# Reads a staged file back, compares it, sets its mode and gives it its name: by a hard link, which cannot
# replace anything, where there are such.
# uses lib.sh
stage=$1 path=$2 bytes=$3 sha256=$4 mode=$5
size=$(wc -c <"$stage" | tr -d ' ') || exit 1
sum=$(digest "$size" <"$stage") || exit 1
if [ "$size" != "$bytes" ] || [ "$sum" != "$sha256" ]; then
  printf 'read back %s bytes with SHA-256 %s\n' "$size" "$sum" >&2
  exit 1
fi
chmod "$mode" "$stage" || exit 1
if ln -- "$stage" "$path" 2>/dev/null; then rm -f -- "$stage" || exit 1
# A file system without hard links (FAT, some of a network).
elif [ -e "$path" ] || [ -L "$path" ]; then printf '%s exists already\n' "$path" >&2; exit 1
else mv -- "$stage" "$path" || exit 1
fi
flush "$(dirname -- "$path")"
