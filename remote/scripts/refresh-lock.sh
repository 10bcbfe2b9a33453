# Shows life: a new time stamp on the holder's own file. Exit 3 when the lock is not the holder's any more.
# uses lock-lib.sh
path=$1 own=$2 file=$3
case $(walk "$path" 0 | tail -n 4) in *"
$own
"*) ;; *) exit 3 ;; esac
touch -c -- "$file"
