# Through leofs-adm where it has the command, else through the manager's own script. Its exit code says nothing.
script=$1 adm=$2 address=$3 port=$4 file=$5
if [ -n "$adm" ]; then "$adm" -h "$address" -p "$port" load-mnesia-data "$file"
else "$script" load-mnesia-data "$file"; fi
exit 0
