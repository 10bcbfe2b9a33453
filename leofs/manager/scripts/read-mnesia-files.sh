# Every file of a Mnesia directory, of large ones the beginning.
# uses ../../../remote/scripts/lib.sh
directory=$1 limit=$2
cd -- "$directory" || exit 0
for file in *; do
  # shellcheck disable=SC2015
  [ -f "$file" ] && [ ! -L "$file" ] && [ -r "$file" ] || continue
  size=$(wc -c < "$file" | tr -d ' ')
  if [ "$size" -gt "$limit" ]; then
    printf '@@ %s %s\n' "$file" "$limit"; head -c "$limit" < "$file"; printf '\n'
  else content "$file" "$file"; fi
done
exit 0
