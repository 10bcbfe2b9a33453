# Every file of a Mnesia directory, of large ones the beginning.
directory=$1 limit=$2
cd -- "$directory" || exit 0
for file in *; do
  # shellcheck disable=SC2015
  [ -f "$file" ] && [ ! -L "$file" ] && [ -r "$file" ] || continue
  size=$(($(wc -c < "$file")))
  [ "$size" -le "$limit" ] || size=$limit
  printf '@@ %s %s\n' "$file" "$size"; head -c "$size" < "$file"; printf '\n'
done
exit 0
