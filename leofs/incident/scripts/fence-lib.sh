# For which incident a control script is fenced; nothing for any other script. Free of single quotes.
fenced_for() { [ ! -f "$1" ] || sed -n "2s/^# leofs-recovery fence for //p" "$1" 2>/dev/null; }
