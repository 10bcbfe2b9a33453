# What the host of a storage or gateway node says of its conf (`kind` is leo_storage or leo_gateway). Changes nothing.
# uses ../../../remote/scripts/lib.sh
# uses ../../conf/scripts/lib.sh
# uses ../../manager/scripts/lib.sh
# uses ../../manager/scripts/install-lib.sh
node=$1 home=$2 etc=$3 kind=$4
value user "$(id -un)"
if [ -d "$home" ]; then value home yes; fi
[ -n "$etc" ] || etc=$(etc_of "$home" "$node" "$kind")
value etc "$etc"
value runner "$(assigned RUNNER_USER "$(environment_of "$home" "$node" "$etc" "$kind")" "$home")"
tell_conf "$etc" "$kind"
exit 0
