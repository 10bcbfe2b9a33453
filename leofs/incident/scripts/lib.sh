# Hash and status of every file below a directory, one process each: `tree NAME DIR` (backups/tree.ts reads it).
# uses ../../../remote/scripts/lib.sh
tree() (
  cd -- "$2" || exit 1
  odd=$(find . ! -type f ! -type d | head -n 1)
  if [ -n "$odd" ]; then value "$1.odd" "$odd"; fi
  value "$1.mode" "$(stat -c '%a %U:%G' .)"
  # shellcheck disable=SC2014,SC2046 # once: a program and its options
  find . -type f -exec $(digester) {} + | values "$1.hash"
  find . -type f -exec stat -c '%s %a %U:%G %n' {} + | values "$1.file"
)

# Has every file below a directory on disc.
flush_files() { unsynced=$(find "$1" -type f -exec env LC_ALL=C sync -- {} + 2>&1) || flush_all "$unsynced"; }
