path=$1
rm -f -- "$path"
