# Its exit code says nothing.
# uses ../../manager/scripts/install-lib.sh
home=$1 etc=$2 adm=$3 address=$4 port=$5 file=$6
data_command load-mnesia-data "$home" "$etc" "$adm" "$address" "$port" "$file"
exit 0
