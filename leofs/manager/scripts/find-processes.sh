# uses lib.sh
node=$1 home=$2
beams "$node" "$home"
