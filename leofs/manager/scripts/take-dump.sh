# Through leofs-adm where it has the command, else through the manager's own script, which of two managers of one installation takes
# the first unless it is told the other's name.
# uses install-lib.sh
home=$1 etc=$2 adm=$3 address=$4 port=$5 file=$6
if [ -n "$adm" ]; then "$adm" -h "$address" -p "$port" dump-mnesia-data "$file"
else
  extra=$(extra_of "$home" "$etc")
  [ -z "$extra" ] || export NODE_EXTRA_NAME="$extra"
  "$home/bin/leo_manager" dump-mnesia-data "$file"
fi
