# Exits with 0 when this user may change what is beside a control script.
script=$1
bin=$(dirname -- "$script")
[ -w "$bin" ] && [ -x "$bin" ]
