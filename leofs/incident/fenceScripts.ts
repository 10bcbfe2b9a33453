/** For which incident the script `$1` is fenced; nothing for any other script. */
export const FENCED_FOR = `
fenced_for() { [ ! -f "$1" ] || sed -n "2s/^# leofs-recovery fence for //p" "$1" 2>/dev/null; }
`;

const COMMON = `set -e
umask 022
${FENCED_FOR}
flush() { sync -- "$@" 2>/dev/null || sync; }
facts() { stat -c "%a %u:%g" -- "$1" 2>/dev/null || stat -f "%Lp %u:%g" -- "$1"; }
same() { cmp -s -- "$1" "$2" && [ "$(facts "$1")" = "$(facts "$2")" ]; }
refuse() { printf "%s\\n" "$1" >&2; exit 3; }
script=$1 kept=$2 incident=$3
staged=$script.fence-staged
`;

/**
 * Puts standard input in the place of the script `$1`, which is kept as `$2`: the same file under a second name, or
 * where that is not allowed a copy with bytes, mode and owner. At every moment `$1` is the original or the fence.
 * `$3`: the incident, `$4`: bytes on standard input.
 */
export const PUT_UP = `${COMMON}
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
[ "$(wc -c < "$staged" | tr -d " ")" = "$4" ] || refuse "$staged is not what was sent"
chmod 755 "$staged"
flush "$staged" "$kept"
mv -f -- "$staged" "$script"
flush "$(dirname -- "$script")"`;

/** Puts the original back in one rename; prints `lifted`, `none` when there is no fence, `other` when another script was installed meanwhile. */
export const LIFT = `${COMMON}
current=$(fenced_for "$script")
[ -z "$current" ] || [ "$current" = "$incident" ] || refuse "$script is fenced for $current, which is left as it is"
rm -f -- "$staged" "$kept.partial"
if [ -z "$current" ] && [ -e "$script" ]; then
  if [ ! -e "$kept" ]; then echo none
  elif same "$script" "$kept"; then rm -f -- "$kept"; echo none
  else echo other; fi
  exit 0
fi
[ -f "$kept" ] || refuse "the original of $script is not in $kept any more: install it from the package"
mv -f -- "$kept" "$script"
flush "$(dirname -- "$script")"
echo lifted`;
