# uses ../../../remote/scripts/lib.sh
path=$1
content manifest "$path/manifest.json"
exit 0
