# Has systemd neither run nor start the manager of a home: its unit is stopped and disabled. Prints the unit; nothing
# where systemd has none for it.
# uses ../../manager/scripts/lib.sh
# uses ../../manager/scripts/install-lib.sh
# uses ../../manager/scripts/unit-lib.sh
# uses ../../manager/scripts/service-lib.sh
# shellcheck disable=SC2034,SC2154 # the functions of service-lib.sh use them
node=$1 home=$2 runner=$3 etc=$4
incident=
umask 022
cd / || exit 1
find_place
[ -n "$unit" ] || exit 0
for one in $units; do
  case $(systemctl is-enabled "$one" 2>/dev/null) in
  enabled*) tell_systemd disable "$one" >&2 || { echo "$(id -un) may not disable $one" >&2; exit 3; } ;;
  esac
  at_rest "$one" || tell_systemd stop "$one" >&2 || { echo "$(id -un) may not stop $one" >&2; exit 3; }
done
printf '%s\n' "$unit"
