# What a path is: `SIZE MODE`. Only a plain file passes, and no symbolic link to one.
path=$1
if [ -L "$path" ] || [ ! -f "$path" ]; then printf '%s is not a plain file\n' "$path" >&2; exit 1; fi
stat -c '%s %a' -- "$path" 2>/dev/null || stat -f '%z %Lp' -- "$path"
