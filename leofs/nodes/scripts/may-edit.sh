# Whether this user may put another file in the place of `file`, and keep the old one in `directory`. Changes nothing.
# uses ../../../remote/scripts/lib.sh
file=$1 directory=$2
if [ -L "$file" ]; then
  value link "$(readlink -f -- "$file")"
  file=$(readlink -f -- "$file")
fi
parent=$(dirname -- "$file")
if [ -r "$file" ] && [ -w "$parent" ] && [ -x "$parent" ]; then value replaces yes; else value parent "$parent"; fi
while [ ! -e "$directory" ] && [ "$directory" != / ]; do directory=$(dirname -- "$directory"); done
if [ -d "$directory" ] && [ -w "$directory" ] && [ -x "$directory" ]; then value keeps yes; else value kept "$directory"; fi
exit 0
