# uses lib.sh
home=$1
starting "$home"
