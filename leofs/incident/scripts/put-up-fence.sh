# Puts standard input (`bytes` of it) in the place of a control script, which is kept: the same file under a second name,
# or where that is not allowed a copy with bytes, mode and owner. At every moment `script` is the original or the fence.
# uses ../../../remote/scripts/lib.sh
# uses fence-lib.sh
script=$1 kept=$2 incident=$3 bytes=$4
set -e
umask 022
staged=$script.fence-staged
# shellcheck disable=SC2015
[ ! -L "$script" ] && [ -f "$script" ] || refuse "$script is not a plain file"
current=$(fenced_for "$script")
if [ -n "$current" ]; then
  [ "$current" = "$incident" ] || refuse "$script is fenced for $current"
  [ -f "$kept" ] || refuse "$script is fenced, but the original is not in $kept any more"
  rm -f -- "$staged"
  exit 0
fi
rm -f -- "$staged" "$kept.partial"
if [ -e "$kept" ] || [ -L "$kept" ]; then
  same "$script" "$kept" || refuse "$kept is there already and is not what $script is; see what it is and move it aside"
elif ! ln -- "$script" "$kept" 2>/dev/null; then
  cp -p -- "$script" "$kept.partial"
  same "$script" "$kept.partial" || { rm -f -- "$kept.partial"; refuse "$script cannot be kept with its owner and mode by $(id -un); log in as root or as its owner"; }
  mv -- "$kept.partial" "$kept"
fi
cat > "$staged"
[ "$(wc -c < "$staged" | tr -d " ")" = "$bytes" ] || refuse "$staged is not what was sent"
chmod 755 "$staged"
flush "$staged" "$kept"
mv -f -- "$staged" "$script"
flush "$(dirname -- "$script")"
