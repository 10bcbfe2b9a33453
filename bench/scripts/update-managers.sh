# Tells the storage and gateway nodes who the managers are.
address=$1 port=$2 master=$3 slave=$4
printf 'update-managers %s %s\r\n' "$master" "$slave" | nc -N "$address" "$port" | grep -q OK
