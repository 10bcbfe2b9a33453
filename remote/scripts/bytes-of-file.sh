# How many bytes a file has; what has it open may go on writing. 0: there is none yet.
path=$1
[ -f "$path" ] || { echo 0; exit 0; }
wc -c < "$path"
