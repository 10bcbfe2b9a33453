# Writes files that must not exist yet into a directory, listed as `NAME MODE BYTES`, the bytes as a format of `printf`.
directory=$1; shift
umask 077
set -C
cd -- "$directory" || exit 1
while [ $# -ge 3 ]; do
  # shellcheck disable=SC2059 # it is a format: the one way to write any byte
  printf "$3" >"$1" || exit 1
  chmod "$2" "$1" || exit 1
  shift 3
done
