# Functions for scripts that start an Erlang VM of a LeoFS release.

# Directories in /proc of the VMs that run from a home: `vms_of HOME`.
vms_of() {
  # shellcheck disable=SC2013 # these names have no spaces
  for file in $(grep -lazF -e "$1/erts-" -e "$(cd -P -- "$1" && pwd -P)/erts-" /proc/[0-9]*/cmdline); do
    case $(tr '\000' '\n' < "$file" | head -n 1) in */beam | */beam.smp) printf '%s\n' "${file%/cmdline}" ;; esac
  done 2>/dev/null
}

# Says to what is started from here where epmd is: where the node that runs from a home has it, whoever told it so (a unit, a
# profile); else where LeoFS's own script has it from. `use_epmd_of HOME ETC`.
use_epmd_of() {
  of_vm=$(for vm in $(vms_of "$1"); do tr '\000' '\n' < "$vm/environ"; done 2>/dev/null)
  for name in ERL_EPMD_PORT ERL_EPMD_ADDRESS; do
    value=$(
      sed -n "s/^ *\(export  *\)\{0,1\}$name=[\"']\{0,1\}\([^\"' ]*\).*/\2/p" "$2/leo_manager.environment"
      sed -n "s/^ *-env  *$name  *\([^ ]*\).*/\1/p" "$2/vm.args"
      printf '%s\n' "$of_vm" | sed -n "s/^$name=//p"
    ) 2>/dev/null
    [ -z "$value" ] || export "$name=$(printf '%s\n' "$value" | tail -n 1)"
  done
}

# What tells the VM of a home how to speak with other nodes, in words, the surest last: `told_of HOME ETC`.
told_of() {
  {
    [ ! -d /run/systemd/system ] || systemctl show -p Environment leofs-manager-master.service leofs-manager-slave.service
    cat /etc/leofs/leofs.conf "$2/leo_manager.environment" "$2/vm.args"
    sed 's/{inet_dist_listen_\([a-z]*\), *\([0-9]*\)}/ -kernel inet_dist_listen_\1 \2 /g' "$2/app.config"
    for vm in $(vms_of "$1"); do tr '\000' ' ' < "$vm/cmdline"; echo; done
  } 2>/dev/null | LC_ALL=C grep -v '^[[:blank:]]*[#%]'
}

# What the distribution of the node of a home goes over where that is not plain IPv4 (`inet6_tcp`, ...): `protocol_of HOME ETC`.
protocol_of() {
  # Most hosts say nothing of it. What a unit says is told by systemd alone.
  [ -d /run/systemd/system ] || LC_ALL=C grep -qs -e -proto_dist /etc/leofs/leofs.conf "$2/leo_manager.environment" "$2/vm.args" /proc/[0-9]*/cmdline || return 0
  told_of "$1" "$2" | LC_ALL=C sed -n 's/.*-proto_dist  *\([a-z0-9_]\{1,\}\).*/\1/p' | tail -n 1 | sed '/^inet_tcp$/d'
}

# Sets `runtime` and `boot` to the programs of a release's own runtime and to its boot file that starts nothing of LeoFS, empty where
# there is none, and the environment for a VM of ours with them: `use_runtime_of HOME`. It reads no cookie and leaves no crash dump:
# there the cookie would be. LeoFS's own stop waits for every beam whose path begins with HOME and whose environment has
# NODE_EXTRA_NAME: so that path is written in another way, and the variable is not there.
use_runtime_of() {
  version='' release=''
  read -r version release < "$1/releases/start_erl.data" || true
  runtime=$1/erts-$version/bin
  [ -x "$runtime/erlexec" ] || runtime=$(for one in "$1"/erts-*/bin; do [ ! -x "$one/erl" ] || echo "$one"; done | tail -n 1)
  boot=$(for one in "$1"/releases/*/start_clean.boot "$1"/bin/*_clean.boot "$1/releases/$release/start_clean.boot"; do [ ! -r "$one" ] || echo "$one"; done | tail -n 1)
  unset NODE_EXTRA_NAME ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS ERL_LIBS
  export ROOTDIR="$1" BINDIR="${1%/*}/./${runtime#"${1%/*}/"}" EMU=beam PROGNAME=erl
  export HOME=/nonexistent ERL_CRASH_DUMP_SECONDS=0
}

# erlang HOME PROTOCOL ARGUMENTS...: becomes a VM of the release in HOME. It names itself ours and starts no epmd.
erlang() {
  home=${1%/} protocol=$2; shift 2
  use_runtime_of "$home"
  if [ ! -x "$runtime/erlexec" ] || [ -z "$boot" ]; then
    echo "$home/erts-*/bin/erlexec or $home/releases/*/start_clean.boot is not there" >&2
    return 127
  fi
  loopback='{127,0,0,1}'
  if [ "$protocol" = inet6_tcp ]; then
    loopback='{0,0,0,0,0,0,0,1}'
    set -- "$@" -proto_dist inet6_tcp
  fi
  exec "$runtime/erlexec" -boot "${boot%.boot}" -noshell -hidden -nocookie +sbwt none \
    -kernel inet_dist_use_interface "$loopback" -kernel dist_auto_connect never -leofs_recovery "$@"
}
