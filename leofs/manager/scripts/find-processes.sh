# uses lib.sh
node=$1
beams "$node"
