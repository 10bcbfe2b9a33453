# For which incident a control script is fenced; nothing for any other script.
fenced_for() { [ ! -f "$1" ] || sed -n "2s/^# leofs-recovery fence for //p" "$1" 2>/dev/null; }

# Mode and owner.
facts() { stat -c "%a %u:%g" -- "$1" 2>/dev/null || stat -f "%Lp %u:%g" -- "$1"; }
same() { cmp -s -- "$1" "$2" && [ "$(facts "$1")" = "$(facts "$2")" ]; }
refuse() { printf "%s\n" "$1" >&2; exit 3; }
