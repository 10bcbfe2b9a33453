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
  {
    # One process for the sizes of all: there may be thousands of files.
    find . ! -name . -prune -type f -exec wc -c {} + 2>/dev/null | LC_ALL=C sed -n 's|^ *\([0-9]*\) [.]/|=\1 |p'
    for file in * .[!.]*; do
      if [ -L "$file" ]; then kind=l
      elif [ -f "$file" ]; then kind=f
      elif [ -d "$file" ]; then kind=d
      elif [ -e "$file" ]; then kind=o
      else continue; fi
      printf '%s %s\n' "$kind" "$file"
    done
  } | LC_ALL=C awk '
    { at = index($0, " "); name = substr($0, at + 1) }
    /^=/ { bytes[name] = substr($0, 2, at - 2); next }
    { print substr($0, 1, 1), (name in bytes ? bytes[name] : 0), name }' | values file
fi
exit 0
