# An empty file that nobody else may read, in the place of what has its name.
path=$1
umask 077
rm -f -- "$path"
: > "$path"
