# Has files of a directory on disc, and prints the SHA-256 of each, in the order of the list.
# uses lib.sh
directory=$1; shift
cd -- "$directory" || exit 1
flush "$@" || exit 1
program=$(digester) || exit 1
$program "$@"
