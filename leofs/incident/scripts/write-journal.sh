# Writes one entry the safe way: new name, synced, renamed.
# uses ../../../remote/scripts/lib.sh
directory=$1 entry=$2 record=$3
set -e
umask 077
journal=$directory/journal
not_a_link "$journal"
# shellcheck disable=SC2174 # the incident's own directory has its mode from the umask
[ -d "$journal" ] || mkdir -p -m 700 -- "$journal"
# A name of its own: the other manager's host may write the same entry, where the backup directory is one share.
new=$(mktemp "$journal/.$entry.XXXXXX")
{ printf "%s\n" "$record" > "$new" && flush "$new" && mv -f -- "$new" "$journal/$entry"; } || { rm -f -- "$new"; exit 1; }
flush "$journal"
