# Loads a copy of Mnesia files in a VM of the release itself and dumps them (../backups/final-dump.erl, which comes on standard
# input). The VM has the manager's name and registers with nobody but itself, on a port that is free.
# uses ../../erlang/scripts/lib.sh
# uses ../../../remote/scripts/lib.sh
home=$1 node=$2 files=$3 partial=$4 limit=$5 boot=$6
set -e
exec 2>&1
umask 077
read -r program
rm -rf -- "$partial"
mkdir -- "$partial"
copy=$partial/mnesia
cp -R -- "$files" "$copy"
cd -- "$partial"
random() { od -An "$1" -N"$2" /dev/urandom | tr -d ' \n'; }
export MNESIA_NODE="$node" MNESIA_COPY="$copy" MNESIA_DUMP="$partial/dump.txt" MNESIA_LIMIT="$limit"
MNESIA_COOKIE=$(random -tx1 16)
export MNESIA_COOKIE
unset ERL_EPMD_ADDRESS
for _ in 1 2 3 4 5; do
  ERL_EPMD_PORT=$((20000 + $(random -tu2 2) % 12000))
  export ERL_EPMD_PORT
  code=0
  printf '%s\n' "$program" | ( erlang "$home" "" final_dump -pa "$home"/lib/mnesia-*/ebin -eval "$boot" ) || code=$?
  [ "$code" = 98 ] || break
done
[ "$code" = 0 ] || exit "$code"
[ -f "$partial/dump.txt" ] || { echo 'it was told to stop'; exit 75; }
rm -rf -- "$copy"
flush "$partial/dump.txt"
