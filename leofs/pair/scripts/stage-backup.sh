source=$1 staging=$2
set -e
umask 077
rm -rf -- "$staging"
cp -R -- "$source" "$staging"
