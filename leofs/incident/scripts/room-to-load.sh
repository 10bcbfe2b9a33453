# Writes so many blocks of 64 KiB beside the backups, and removes them: is there room to load a copy of Mnesia files?
path=$1 blocks=$2
umask 077
rm -rf -- "$path"
mkdir -- "$path" && dd if=/dev/zero of="$path/room" bs=65536 count="$blocks" 2>&1
code=$?
rm -rf -- "$path"
exit "$code"
