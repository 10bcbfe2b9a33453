# Who logs in, and what that user may do about the unit of a manager.
# uses ../../../remote/scripts/lib.sh
# uses lib.sh
# uses install-lib.sh
# uses unit-lib.sh
node=$1 home=$2 etc=$3
value user "$(id -un)"
[ -n "$etc" ] || etc=$(etc_of "$home" "$node")
tell_unit "$home" "$etc" "$node"
exit 0
