# uses ../../../remote/scripts/lib.sh
# uses lib.sh
directory=$1
tree t "$directory"
exit 0
