# Becomes the VM that puts questions to nodes (../asker.erl), which comes on standard input. epmd is where LeoFS's own
# script has it from.
# uses lib.sh
home=$1 etc=$2 boot=$3
cd /
for name in ERL_EPMD_PORT ERL_EPMD_ADDRESS; do
  value=$(
    sed -n "s/^ *\(export  *\)\{0,1\}$name=[\"']\{0,1\}\([^\"' ]*\).*/\2/p" "$etc/leo_manager.environment"
    sed -n "s/^ *-env  *$name  *\([^ ]*\).*/\1/p" "$etc/vm.args"
  ) 2>/dev/null
  [ -z "$value" ] || export "$name=$(printf '%s\n' "$value" | tail -n 1)"
done
erlang "$home" ask -eval "$boot"
