# Kind, size and name of all that lies in a directory. The size of a directory is that of all files below it.
# uses ../../../remote/scripts/lib.sh
directory=$1
# shellcheck disable=SC2012 # where `readlink` is not
if [ -L "$directory" ]; then value link "$(ls -ld -- "$directory" | sed 's/.* -> //')"; fi
# Where nothing is: a disc that /etc/fstab has on the way there may not be mounted, and what is looked for be on it.
if [ -z "$(ls -A -- "$directory" 2>/dev/null)" ] && [ -r /etc/fstab ]; then
  aim=$directory at=$directory links=0
  while [ ! -e "$at" ] && [ "$at" != / ]; do
    if [ -L "$at" ] && [ $links -lt 8 ]; then
      links=$((links + 1))
      to=$(readlink -- "$at")
      case $to in /*) ;; *) to=$(dirname -- "$at")/$to ;; esac
      aim=$to${aim#"$at"}
      at=$aim
    else
      at=$(dirname -- "$at")
    fi
  done
  real=$(cd -P -- "$at" 2>/dev/null && pwd -P)
  case $real in /?*) aim=$real${aim#"$at"} ;; esac
  value unmounted "$(AT=$aim awk '
    { at = $2; gsub(/\\040/, " ", at); if (at != "/") sub(/\/+$/, "", at) }
    FILENAME == "/proc/self/mounts" { mounted[at]; next }
    $1 !~ /^#/ && at ~ /^\/./ && !(at in mounted) && index(ENVIRON["AT"] "/", at "/") == 1 && length(at) > length(found) { found = at }
    END { print found }' /proc/self/mounts /etc/fstab 2>/dev/null)"
fi
if [ -d "$directory" ]; then
  value exists yes
  value owner "$(owner_of "$directory")"
  if [ -r "$directory" ] && [ -x "$directory" ]; then value readable yes; fi
  cd -- "$directory" || exit 0
  {
    # One process for the sizes of all: there may be thousands of files.
    [ -L "$directory" ] || find . -type f -exec stat -c '=%s %n' {} + 2>/dev/null
    for file in * .[!.]*; do
      if [ -L "$file" ]; then kind=l
      elif [ -f "$file" ]; then kind=f
      elif [ -d "$file" ]; then kind=d
      elif [ -e "$file" ]; then kind=o
      else continue; fi
      printf '%s %s\n' "$kind" "$file"
    done
  } | LC_ALL=C awk '
    { at = index($0, " "); name = substr($0, at + 1) }
    /^=/ { sub(/^[.]\//, "", name); sub(/\/.*/, "", name); bytes[name] += substr($0, 2, at - 2); next }
    { printf "%s %.0f %s\n", substr($0, 1, 1), bytes[name], name }' | values file
fi
exit 0
