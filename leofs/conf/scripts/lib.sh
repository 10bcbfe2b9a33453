# The conf of a LeoFS node as a script tells it, for confFiles.ts: `tell_conf ETC NAME`, NAME being `leo_manager`, ...
tell_conf() {
  content conf "$1/$2.conf"
  if [ -d "$1" ] && [ ! -x "$1" ]; then value conf.unreadable yes; fi
  n=0
  for file in "$1/$2.d"/*.conf; do
    [ -f "$file" ] || continue
    n=$((n + 1))
    value "override.$n" "$file"
    content "override.$n.text" "$file"
  done
}
