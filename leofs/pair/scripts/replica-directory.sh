# An empty directory beside the Mnesia directory, with its mode, which is printed, and its group. What an ended run left
# there goes.
# uses ../../../remote/scripts/lib.sh
directory=$1 beside=$2
set -e
not_a_link "$directory"
mode=$(stat -c %a "$directory") group=$(stat -c %g "$directory")
rm -rf -- "$beside"
mkdir -m "$mode" -- "$beside"
chgrp "$group" "$beside" 2>/dev/null || true
echo "$mode"
