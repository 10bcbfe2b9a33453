# Functions of the lock's scripts. A lock is a chain of files: see remote/lock/lockFiles.ts.

# When a file was last changed, in seconds.
seconds() { stat -c %Y "$1" 2>/dev/null || stat -f %m "$1"; }

# Prints the chain, four lines a file: the file, its age in seconds, its id, and `=` with its holder: `walk PATH NOW`.
walk() {
  file=$1
  while [ -f "$file" ]; do
    id='' holder=''
    { read -r id; read -r holder; } <"$file" 2>/dev/null || [ -f "$file" ] || break
    case $id in *[!0-9a-f]*) id='' ;; esac
    seen=$(seconds "$file" 2>/dev/null) || break
    printf '%s\n' "$file" "$(($2 - seen))" "$id" "=$holder"
    [ "$id" ] || break
    file=$1.$id.next
  done
}

# Writes a file that has no place in the chain yet, and prints its name: `stage_file PATH ID HOLDER`.
stage_file() (
  umask 077
  mkdir -p -- "$(dirname -- "$1")" || exit 1
  if [ -L "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then
    printf '%s is not a plain file\n' "$1" >&2
    exit 1
  fi
  staged=$1.$2.stage
  printf '%s\n%s\n' "$2" "$3" >"$staged" || { rm -f -- "$staged"; exit 1; }
  printf '%s\n' "$staged"
)
