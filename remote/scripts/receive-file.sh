# Writes standard input to a file that must not exist yet, and has it on disc before it ends.
# uses lib.sh
path=$1
umask 077
set -C
cat >"$path" || exit 1
flush "$path"
