# Loads a dump; the exit code says nothing.
home=$1 file=$2
"$home/bin/leo_manager" load-mnesia-data "$file"
exit 0
