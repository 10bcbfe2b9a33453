# Puts the original back in one rename; prints `lifted`, `none` when there is no fence, `other` when another script was
# installed meanwhile.
# uses ../../../remote/scripts/lib.sh
# uses fence-lib.sh
script=$1 kept=$2 incident=$3
set -e
umask 022
staged=$script.fence-staged
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
echo lifted
