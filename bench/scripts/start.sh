# Starts a manager.
home=$1
"$home/bin/leo_manager" start
