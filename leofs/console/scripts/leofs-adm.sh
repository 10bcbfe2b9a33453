adm=$1 address=$2 port=$3; shift 3
TERM=${TERM:-dumb} exec "$adm" -h "$address" -p "$port" "$@"
