# Puts standard input (`bytes` of it) in the place of a conf, whose original is kept first, once.
# uses ../../../remote/scripts/lib.sh
file=$1 kept=$2 bytes=$3
set -e
umask 077
# A conf may be a link to where configuration management keeps it: what it names is changed, the link stays.
if [ -L "$file" ]; then
  file=$(readlink -f -- "$file")
  if [ ! -f "$file" ]; then echo "its symbolic link leads to no file" >&2; exit 3; fi
fi
staged=$file.leofs-recovery-staged
rm -f -- "$staged"
if [ ! -e "$kept" ]; then
  # Without -p, which fails where the backups' file system takes no ACLs: nothing but its bytes is put back.
  cp -- "$file" "$kept.partial"
  chmod 600 "$kept.partial"
  flush "$kept.partial"
  cmp -s -- "$file" "$kept.partial"
  mv -- "$kept.partial" "$kept"
  flush "$(dirname -- "$kept")"
fi
cp -p -- "$file" "$staged" || chmod "$(stat -c %a -- "$file")" "$staged"
cat > "$staged"
[ "$(wc -c < "$staged" | tr -d ' ')" = "$bytes" ]
flush "$staged"
mv -- "$staged" "$file"
flush "$(dirname -- "$file")"
