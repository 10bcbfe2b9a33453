# Gives staged files the name of the Mnesia directory, which is empty or not there.
# uses ../../../remote/scripts/lib.sh
# uses lib.sh
directory=$1 staging=$2 mode=$3
set -e
chmod "$mode" "$staging"
flush_files "$staging"
if [ -d "$directory" ]; then rmdir -- "$directory"; fi
mv -- "$staging" "$directory"
flush "$(dirname -- "$directory")"
