# An empty directory for an unfinished backup, in the place of what an earlier run left.
path=$1
umask 077
rm -rf -- "$path" && mkdir -m 700 -- "$path"
