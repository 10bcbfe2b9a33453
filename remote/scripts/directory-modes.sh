# Modes of the directories listed, one a line.
directory=$1; shift
cd -- "$directory" || exit 1
for name; do stat -c %a -- "$name" 2>/dev/null || stat -f %Lp -- "$name" || exit 1; done
