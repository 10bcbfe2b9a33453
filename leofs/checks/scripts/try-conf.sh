# Has LeoFS's own generator read the conf as a start would, into a directory of its own, which is removed again.
# uses ../../../remote/scripts/lib.sh
# uses ../../manager/scripts/lib.sh
# uses ../../manager/scripts/install-lib.sh
node=$1 home=$2 etc=$3
schema=$(assigned RUNNER_SCHEMA_DIR "$(environment_of "$home" "$node" "$etc")" "$home")
schema=${schema:-$home/etc}/leo_manager.schema
generator=$home/bin/cuttlefish
[ -x "$generator" ] && [ -r "$schema" ] && [ -r "$etc/leo_manager.conf" ] || exit 0
read -r erts _ < "$home/releases/start_erl.data" || exit 0
umask 077
scratch=$(mktemp -d 2>/dev/null) || exit 0
trap 'rm -rf -- "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
# Where there is no room for what it writes, nothing is said of the conf.
head -c 65536 /dev/zero 2>/dev/null > "$scratch/room" && [ "$(wc -c < "$scratch/room")" -eq 65536 ] || exit 0
rm -f -- "$scratch/room"
set -- -i "$schema" -c "$etc/leo_manager.conf"
# As bin/leo_manager gives them to it: whatever has such a name, a directory too, and in words where there is a blank in it.
# shellcheck disable=SC2086
for file in "$etc"/leo_manager.d/*.conf; do if [ -e "$file" ] || [ -L "$file" ]; then set -- "$@" -c $file; fi; done
cd -- "$home" || exit 0
PATH=$home/erts-$erts/bin:$PATH "$generator" "$@" -d "$scratch" >"$scratch/said" 2>&1 </dev/null
for file in "$scratch"/app.*.config; do [ -s "$file" ] && value app yes; done
for file in "$scratch"/vm.*.args; do [ -s "$file" ] && value vm yes; done
value tried yes
content said "$scratch/said"
exit 0
