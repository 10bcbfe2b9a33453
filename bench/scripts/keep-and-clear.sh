# Copies a Mnesia directory to the backups, then moves it aside.
mnesia=$1 backups=$2
[ -d "$mnesia" ] || exit 0
cp -a "$mnesia" "$backups/mnesia" && mv "$mnesia" "$mnesia.old"
