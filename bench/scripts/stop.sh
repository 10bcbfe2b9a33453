# Stops a manager; the control script waits for its process.
home=$1
"$home/bin/leo_manager" stop
