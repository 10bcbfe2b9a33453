# Functions of the lock's scripts. A lock is a chain of files that begins with `path`: see remote/lock/lockFiles.ts.

# When a file was last changed, in seconds.
seconds() { stat -c %Y "$1" 2>/dev/null || stat -f %m "$1"; }

# Prints the chain, four lines a file: the file, its age at `now` in seconds, its id, and `=` with its holder.
walk() {
  file=$path
  while [ -f "$file" ]; do
    id= holder=
    { read -r id; read -r holder; } <"$file" 2>/dev/null || [ -f "$file" ] || break
    case $id in *[!0-9a-f]*) id= ;; esac
    seen=$(seconds "$file" 2>/dev/null) || break
    printf '%s\n' "$file" "$((now - seen))" "$id" "=$holder"
    [ "$id" ] || break
    file=$path.$id.next
  done
}

# Writes a file of the chain that still has no place in it: `stage_file ID HOLDER`. Sets `stage`, and `now` by its host's clock.
stage_file() {
  umask 077
  stage=$path.$1.stage
  mkdir -p -- "$(dirname -- "$path")" || exit 1
  if [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ]; }; then
    printf '%s is not a plain file\n' "$path" >&2
    exit 1
  fi
  printf '%s\n%s\n' "$1" "$2" >"$stage" || { rm -f -- "$stage"; exit 1; }
  now=$(seconds "$stage") || exit 1
}
