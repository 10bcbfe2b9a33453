# Copies a Mnesia directory into an unfinished backup, and says what both then hold. Exits with 4 when there is none.
# uses ../../../remote/scripts/lib.sh
# uses lib.sh
source=$1 partial=$2
set -e
umask 077
not_a_link "$source"
if [ ! -d "$source" ]; then exit 4; fi
rm -rf -- "$partial"
mkdir -p -- "$partial/mnesia"
# Without -p: a file system or a server that takes no ACLs, or no other owners, would fail the copy. Modes are in the manifest.
cp -R -- "$source/." "$partial/mnesia/"
flush_files "$partial"
tree source "$source"
tree copy "$partial/mnesia"
