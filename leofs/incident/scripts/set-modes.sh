# Each line of `modes` is a mode and a path.
modes=$1
printf '%s\n' "$modes" | while read -r mode file; do chmod "$mode" "$file" || exit 1; done
