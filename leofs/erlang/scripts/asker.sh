# Becomes the VM that puts questions to nodes (../asker.erl), which comes on standard input. epmd is where the node that runs from this
# home has it, whoever told it so (a unit, a profile); else where LeoFS's own script has it from.
# uses lib.sh
home=$1 etc=$2 boot=$3
cd /
# A variable of the VM that runs from this home: `of_vm NAME`.
of_vm() {
  # shellcheck disable=SC2013 # these names have no spaces
  for file in $(grep -laF -e "$home/erts-" -e "$(cd -P -- "$home" && pwd -P)/erts-" /proc/[0-9]*/cmdline); do
    case $(tr '\000' '\n' < "$file" | head -n 1) in */beam | */beam.smp) tr '\000' '\n' < "${file%cmdline}environ" | sed -n "s/^$1=//p" ;; esac
  done
}
for name in ERL_EPMD_PORT ERL_EPMD_ADDRESS; do
  value=$(
    sed -n "s/^ *\(export  *\)\{0,1\}$name=[\"']\{0,1\}\([^\"' ]*\).*/\2/p" "$etc/leo_manager.environment"
    sed -n "s/^ *-env  *$name  *\([^ ]*\).*/\1/p" "$etc/vm.args"
    of_vm "$name"
  ) 2>/dev/null
  [ -z "$value" ] || export "$name=$(printf '%s\n' "$value" | tail -n 1)"
done
erlang "$home" ask -eval "$boot"
