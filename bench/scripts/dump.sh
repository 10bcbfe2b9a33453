# Dumps the tables of a running manager.
home=$1 file=$2
"$home/bin/leo_manager" dump-mnesia-data "$file"
test -s "$file"
