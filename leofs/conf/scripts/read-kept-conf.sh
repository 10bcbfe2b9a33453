# Exits with 4 when none was kept.
path=$1
if [ -e "$path" ]; then cat -- "$path"; else exit 4; fi
