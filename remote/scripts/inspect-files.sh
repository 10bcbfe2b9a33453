# What files of a directory are, a line each: `SIZE MODE`. Only plain files pass, and no symbolic links to them.
directory=$1; shift
cd -- "$directory" || exit 1
for name; do
  if [ -L "$name" ] || [ ! -f "$name" ]; then printf '%s is not a plain file\n' "$name" >&2; exit 1; fi
done
stat -c '%s %a' -- "$@" 2>/dev/null || stat -f '%z %Lp' -- "$@"
