# Kind, size and name of all that lies in a directory.
# uses ../../../remote/scripts/lib.sh
directory=$1
# shellcheck disable=SC2012 # where `readlink` is not
if [ -L "$directory" ]; then value link "$(ls -ld -- "$directory" | sed 's/.* -> //')"; fi
if [ -d "$directory" ]; then
  value exists yes
  value owner "$(owner_of "$directory")"
  if [ -r "$directory" ] && [ -x "$directory" ]; then value readable yes; fi
  cd -- "$directory" || exit 0
  n=0
  for file in * .[!.]*; do
    if [ -L "$file" ]; then kind=l; bytes=0
    elif [ -f "$file" ]; then kind=f; bytes=$(wc -c < "$file" 2>/dev/null | tr -d ' ')
    elif [ -d "$file" ]; then kind=d; bytes=0
    elif [ -e "$file" ]; then kind=o; bytes=0
    else continue; fi
    n=$((n + 1)); value "file.$n" "$kind ${bytes:-0} $file"
  done
fi
exit 0
