# What an interrupted second copy left behind; the pair's lock keeps others from making one now.
partial=$1
rm -rf -- "$partial" "$partial".*.partial
