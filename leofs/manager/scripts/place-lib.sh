# What a directory is like, or will be when it is made: its nearest parent that is there counts.
place() {
  path=$2
  value "$1.path" "$path"
  if [ -L "$path" ]; then value "$1.link" yes; fi
  if [ -e "$path" ]; then value "$1.exists" yes; fi
  dangling=
  while [ ! -e "$path" ] && [ "$path" != / ]; do
    [ ! -L "$path" ] || dangling=$path
    path=$(dirname -- "$path")
  done
  [ -z "$dangling" ] || value "$1.dangling" "$dangling"
  value "$1.nearest" "$path"
  real=$(cd -P -- "$path" 2>/dev/null && pwd -P)
  disk=$(df -Pk -- "$path" 2>/dev/null | sed -n '2s/^.* \([0-9-]\{1,\}\)  *[0-9-]*%* \(\/.*\)$/\1 \2/p')
  # Of several mounts of one device busybox's df names the first: the mount of a path is that with the longest name.
  mounted=$(AT=${real:-$path} awk '
    { at = $2; gsub(/\\040/, " ", at) }
    (at == "/" || index(ENVIRON["AT"] "/", at "/") == 1) && length(at) >= length(best) { best = at; found = $3 " ," $4 "," }
    END { if (found) print found " " best }' /proc/self/mounts 2>/dev/null)
  [ -z "$mounted" ] || disk="${disk%% *} ${mounted#*, }"
  mounted=${mounted%%, /*},
  # What they leave to a user only the program `quota` says, which few hosts have.
  case $mounted in *,usrquota,* | *,grpquota,* | *,quota,* | *,uquota,* | *,gquota,* | *,usrjquota=* | *,grpjquota=*) value "$1.quota" yes ;; esac
  case $mounted in tmpfs\ * | ramfs\ *) value "$1.memory" yes ;; esac
  # Of a file system that is mounted read-only some shells say that root may write there.
  case $mounted in
  *,ro,*) value "$1.readonly" yes ;;
  *) if [ -z "$dangling" ] && [ -d "$path" ] && [ -w "$path" ] && [ -x "$path" ]; then value "$1.writable" yes; fi ;;
  esac
  # shellcheck disable=SC2012
  value "$1.rights" "$(ls -ld -- "$path" 2>/dev/null | awk '{ print $1, $3 }')"
  value "$1.real" "$real"
  value "$1.disk" "$disk"
  value "$1.inodes" "$(df -Pi -- "$path" 2>/dev/null | awk 'NR == 2 { print $2, $4 }')"
}
