# Makes an incident's directory and proves that it can be written: a probe file has its bytes on disc.
# uses ../../../remote/scripts/lib.sh
top=$1 incident=$2
umask 077
exec 2>&1
if [ -L "$top" ] || [ -L "$incident" ] || [ -L "$incident/journal" ]; then echo "is a symbolic link, which is not followed"; exit 3; fi
if [ -e "$top" ] && [ ! -d "$top" ]; then echo "is not a directory"; exit 3; fi
mkdir -p -- "$incident" || exit 3
chmod 700 "$incident" || exit 3
probe=$(mktemp "$incident/.probe.XXXXXX") || exit 3
if ! { echo probe > "$probe" && flush "$probe" && [ -s "$probe" ]; }; then rm -f -- "$probe"; exit 3; fi
rm -f -- "$probe"
