# What is to be known of a control script before it is fenced.
# uses ../../../remote/scripts/lib.sh
# uses ../../incident/scripts/fence-lib.sh
script=$1
bin=$(dirname -- "$script")
[ -L "$script" ] && value link yes
value fenced "$(fenced_for "$script")"
value owner "$(owner_of "$bin")"
if [ -w "$bin" ] && [ -x "$bin" ]; then value writable yes; fi
exit 0
