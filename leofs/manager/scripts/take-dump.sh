# uses install-lib.sh
home=$1 etc=$2 adm=$3 address=$4 port=$5 file=$6
data_command dump-mnesia-data "$home" "$etc" "$adm" "$address" "$port" "$file"
