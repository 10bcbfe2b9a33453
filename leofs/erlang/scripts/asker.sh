# Becomes the VM that puts questions to nodes (../asker.erl), which comes on standard input.
# uses lib.sh
home=$1 etc=$2 boot=$3
cd /
use_epmd_of "$home" "$etc"
erlang "$home" "$(protocol_of "$home" "$etc")" ask -eval "$boot"
