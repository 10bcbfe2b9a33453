path=$1
exec cat -- "$path"
