# What is to be known of a control script before it is fenced.
# uses ../../../remote/scripts/lib.sh
# uses ../../incident/scripts/fence-lib.sh
# uses ../../manager/scripts/lib.sh
# uses ../../manager/scripts/install-lib.sh
script=$1 home=$2 etc=$3
bin=$(dirname -- "$script")
[ -L "$script" ] && value link yes
value fenced "$(fenced_for "$script")"
value owner "$(owner_of "$bin")"
value beside "$(beside_of "$home" "$etc" | tr '\n' ' ')"
if [ -w "$bin" ] && [ -x "$bin" ]; then value writable yes; fi
exit 0
