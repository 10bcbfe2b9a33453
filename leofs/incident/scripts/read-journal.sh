# uses ../../../remote/scripts/lib.sh
directory=$1
if ! cd -- "$directory/journal" 2>/dev/null; then
  # One that this user may not look into is not one in which nothing was noted.
  if [ -d "$directory/journal" ] || { [ -d "$directory" ] && [ ! -x "$directory" ]; }; then value directory.unreadable yes; fi
  exit 0
fi
[ -r . ] || value directory.unreadable yes
for file in *.begun *.done; do content "$file" "$file"; done
exit 0
