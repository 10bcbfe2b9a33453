# Puts the donor's files in place: from its host over ssh, or out of its directory where both are on one host.
from=$1 to=$2 key=$3 port=$4 login=$5
umask 022
mkdir -p "$to" || exit 1
if [ -z "$login" ]; then cp -a "$from/." "$to/"
else
  ssh -F /dev/null -i "$key" -p "$port" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o LogLevel=ERROR "$login" "tar cf - -C '$from' ." | tar xf - -C "$to"
fi
