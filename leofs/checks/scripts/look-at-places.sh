# What later steps of a recovery need of a manager's host, seen by the user LeoFS runs as. Changes nothing.
# uses ../../../remote/scripts/lib.sh
# uses places.sh
home=$1 etc=$2 mnesia=$3 backups=$4 conf=$5
environment=$etc/leo_manager.environment
[ -f "$environment" ] || environment=$home/etc/leo_manager.environment
assigned() { sed -n "s/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}$1=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}[[:space:]]*\$/\2/p" "$environment" 2>/dev/null | tail -n 1; }
log=$(assigned RUNNER_LOG_DIR)
value user "$(id -un)"
value home "$(cd -P -- "$home" 2>/dev/null && pwd -P)"
place mnesia "$mnesia"
place parent "$(dirname -- "$mnesia")"
place etc "$etc"
# A conf may be a link to where configuration management keeps it: the file is replaced there.
if [ -L "$conf" ]; then
  target=$(readlink -f -- "$conf")
  value linked.file "$target"
  place linked "$(dirname -- "$target")"
fi
place log "${log:-$home/log}"
place pipes "/tmp/$home"
place backups "$backups"
n=0
for file in "$mnesia"/*; do
  if [ -f "$file" ] && [ ! -r "$file" ]; then
    n=$((n + 1))
    value "unreadable.$n" "$(basename -- "$file")"
  fi
done
# LeoFS takes every file of such a name below its conf directory for one that it has just generated.
n=0
find "$etc/" -mindepth 2 -type f 2>/dev/null | grep -e 'app.*[0-9].config' -e 'vm.*[0-9].args' | while IFS= read -r file; do
  n=$((n + 1))
  value "stray.$n" "$file"
done
exit 0
