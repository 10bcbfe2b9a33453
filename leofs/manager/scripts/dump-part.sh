# Writes some tables of a text dump into another file; their head comes on standard input. Every row is as it was, byte for byte.
file=$1 part=$2; shift 2
umask 077
TABLES=$(printf '%s\n' "$@")
export TABLES
if ! [ -f "$file" ] || ! [ -r "$file" ]; then cat -- "$file" > /dev/null; exit 1; fi
# Some awks do not tell that they could not write, on a full disc: cat does.
ended=$({
  {
    cat
    LC_ALL=C awk '
      BEGIN { many = split(ENVIRON["TABLES"], table, "\n"); for (i = 1; i <= many; i++) wanted[table[i]] }
      begins { keep = substr($0, 2, index($0, ",") - 2) in wanted }
      { begins = /[.]$/; if (keep) print }' < "$file" && echo read >&3
  } | cat > "$part" && echo written >&3
} 3>&1)
case $ended in *read*written*) ;; *) exit 1 ;; esac
