# Gives a lock back. Exit 3 when it is not the holder's any more. First the holder's own successor is occupied, so that
# nobody can take over meanwhile.
# uses lock-lib.sh
path=$1 own=$2 tomb=$3
stage=$(stage_file "$path" "$tomb" '{"released":true}') || exit 1
chain=$(walk "$path" 0)
case $(printf '%s\n' "$chain" | tail -n 4) in *"
$own
"*) ;; *) rm -f -- "$stage"; exit 3 ;; esac
ln -- "$stage" "$path.$own.next" 2>/dev/null || { rm -f -- "$stage"; exit 3; }
rm -f -- "$stage"
first=$(printf '%s\n' "$chain" | sed -n 3p)
read -r id <"$path" && [ "$id" = "$first" ] && rm -f -- "$path"
# shellcheck disable=SC2034 # four lines a file, one of them is needed
printf '%s\n' "$chain" | while IFS= read -r file; read -r age; read -r id; read -r holder; do
  [ "$file" = "$path" ] || rm -f -- "$file"
done
rm -f -- "$path.$own.next"
exit 0
