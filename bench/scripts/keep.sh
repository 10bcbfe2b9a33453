# Copies a Mnesia directory to the backups.
mnesia=$1 backups=$2
cp -a "$mnesia" "$backups/mnesia"
