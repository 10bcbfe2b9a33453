# What is in a directory: directories, an empty name, then files, each name ended by a NUL.
directory=$1
if [ -L "$directory" ] || [ ! -d "$directory" ]; then printf '%s is not a directory\n' "$directory" >&2; exit 1; fi
cd -- "$directory" || exit 1
odd=$(find . ! -type d ! -type f | head -n 1)
[ -z "$odd" ] || { printf '%s is neither a file nor a directory\n' "$odd" >&2; exit 1; }
find . -type d -print0
printf '\0'
find . -type f -print0
