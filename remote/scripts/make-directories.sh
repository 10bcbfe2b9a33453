# Makes a new directory and those listed below it.
directory=$1; shift
umask 077
mkdir -- "$directory" && cd -- "$directory" || exit 1
for name; do [ "$name" = . ] || mkdir -- "$name" || exit 1; done
