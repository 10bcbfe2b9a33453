# What files of a directory hold, byte for byte, each under its place in the list.
# uses lib.sh
directory=$1; shift
cd -- "$directory" || exit 1
place=0
for name; do
  place=$((place + 1))
  content "$place" "$name"
done
