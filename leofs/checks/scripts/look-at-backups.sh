# Of a directory that need not be there yet: what is above it counts then.
# uses ../../../remote/scripts/lib.sh
path=$1
if [ -L "$path" ]; then value link yes; fi
while [ ! -e "$path" ] && [ "$path" != / ]; do path=$(dirname -- "$path"); done
if [ -d "$path" ] && [ -w "$path" ] && [ -x "$path" ]; then value writable yes; fi
value free "$(df -Pk -- "$path" 2>/dev/null | awk 'NR == 2 { print $4 }')"
exit 0
