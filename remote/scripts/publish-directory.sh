# Sets the modes of the directories listed as `MODE NAME` pairs, deepest first, and gives a staged directory its name.
# uses lib.sh
stage=$1 path=$2; shift 2
while [ $# -ge 2 ]; do chmod "$1" "$stage/$2" || exit 1; flush "$stage/$2" || exit 1; shift 2; done
if [ -e "$path" ] || [ -L "$path" ]; then printf '%s exists already\n' "$path" >&2; exit 1; fi
mv -- "$stage" "$path" || exit 1
flush "$(dirname -- "$path")"
