# Whether the user who logs in sees the processes of other users, which stop and start go by. Changes nothing.
# uses ../../../remote/scripts/lib.sh
user=$(id -un)
value user "$user"
if [ "$user" = root ] || [ ! -r /proc/self/cmdline ] || cat /proc/1/cmdline >/dev/null 2>&1; then value seen yes; fi
exit 0
