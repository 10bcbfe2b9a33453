# Mnesia's own files in its directory, of large ones the beginning: `limit` bytes, of Mnesia's own logs `logs`.
directory=$1 limit=$2 logs=$3
cd -- "$directory" || exit 0
for file in *; do
  # shellcheck disable=SC2015
  [ -f "$file" ] && [ ! -L "$file" ] && [ -r "$file" ] || continue
  case $file in *.LOG) most=$logs ;; schema.DAT | *.DC[DL]) most=$limit ;; *) continue ;; esac
  size=$(($(wc -c < "$file")))
  [ "$size" -le "$most" ] || size=$most
  printf '@@ %s %s\n' "$file" "$size"; head -c "$size" < "$file"; printf '\n'
done
exit 0
