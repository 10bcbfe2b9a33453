# Leaves an empty Mnesia directory with the mode of `like`, or none at all (`wanted` is no).
directory=$1 wanted=$2 like=$3
if [ "$wanted" = yes ]; then
  # shellcheck disable=SC2174 # the directory above is there
  [ -d "$directory" ] || mkdir -p -m "$(stat -c %a "$like" 2>/dev/null || echo 755)" -- "$directory"
elif [ -d "$directory" ]; then rmdir -- "$directory" 2>/dev/null || true; fi
