# Makes way for files that are about to come; what a killed copy left beside the staging directory goes too.
# uses ../../../remote/scripts/lib.sh
directory=$1 staging=$2
set -e
not_a_link "$directory"
if [ -e "$directory" ] && [ -n "$(ls -A -- "$directory")" ]; then echo "$directory is not empty: somebody put files there since it was cleared. Move them away, then run pulumi up again" >&2; exit 3; fi
rm -rf -- "$staging" "$staging".*.partial
