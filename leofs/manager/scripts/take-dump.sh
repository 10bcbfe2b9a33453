# Through leofs-adm where it has the command, else through the manager's own script.
script=$1 adm=$2 address=$3 port=$4 file=$5
if [ -n "$adm" ]; then "$adm" -h "$address" -p "$port" dump-mnesia-data "$file"
else "$script" dump-mnesia-data "$file"; fi
