directory=$1
cd -- "$directory" 2>/dev/null || exit 0
for backup in *; do [ -f "$backup/manifest.json" ] && printf '%s\n' "$backup"; done
exit 0
