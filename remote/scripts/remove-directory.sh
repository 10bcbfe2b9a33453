# With everything in it.
path=$1
rm -rf -- "$path"
