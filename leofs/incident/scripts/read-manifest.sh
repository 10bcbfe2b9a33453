# uses ../../../remote/scripts/lib.sh
path=$1
[ -d "$path" ] || { echo gone; exit 0; }
content manifest "$path/manifest.json"
exit 0
