# Waits until a manager answers status and has so many tables on disc: the readiness that a load needs.
mnesia=$1 address=$2 port=$3 tables=$4
for _ in $(seq 1 1800); do
  if [ "$(find "$mnesia" -name '*.DCD' 2>/dev/null | wc -l)" -ge "$tables" ]; then
    case $(printf 'status\r\n' | nc -N "$address" "$port" 2>/dev/null) in " [System"*) exit 0 ;; esac
  fi
  sleep 0.1
done
exit 1
