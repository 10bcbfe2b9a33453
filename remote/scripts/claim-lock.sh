# Takes a place in a lock's chain unless somebody has it, and prints the chain as it then is.
# uses lock-lib.sh
path=$1 own=$2 holder=$3 place=$4
stage=$(stage_file "$path" "$own" "$holder") || exit 1
now=$(seconds "$stage") || exit 1
ln -- "$stage" "$place" 2>/dev/null && made=yes || made=''
rm -f -- "$stage"
chain=$(walk "$path" "$now")
printf '%s\n' "$chain"
case $chain in *"$own"*) exit 0 ;; esac
# Not part of the chain: the chain was given back meanwhile, and this file with it means nothing.
[ "$made" ] && rm -f -- "$place"
if [ -z "$chain" ] && [ -z "$made" ] && [ ! -e "$place" ]; then
  printf 'cannot create %s\n' "$place" >&2
  exit 1
fi
exit 0
