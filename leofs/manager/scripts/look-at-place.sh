# What one directory is like, for the user who runs this. Changes nothing.
# uses ../../../remote/scripts/lib.sh
# uses place-lib.sh
path=$1
place it "$path"
exit 0
