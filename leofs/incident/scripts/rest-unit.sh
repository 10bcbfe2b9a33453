# Has systemd neither run nor start the manager of a home: its unit is stopped and disabled. Prints the unit; nothing
# where systemd has none for it.
# uses ../../manager/scripts/lib.sh
# uses ../../manager/scripts/install-lib.sh
# uses ../../manager/scripts/service-lib.sh
# shellcheck disable=SC2034 # the functions of service-lib.sh use them
node=$1 home=$2 runner=$3 etc=$4
umask 022
cd / || exit 1
find_place
[ -n "$unit" ] || exit 0
case $(systemctl is-enabled "$unit" 2>/dev/null) in
enabled*) tell_systemd disable >&2 || { echo "$(id -un) may not disable $unit" >&2; exit 3; } ;;
esac
unit_rests || tell_systemd stop >&2 || { echo "$(id -un) may not stop $unit" >&2; exit 3; }
printf '%s\n' "$unit"
