# Prints the rows of some tables of a text dump, a line each, in the order of their bytes; the last line is \177 alone.
# uses dump-lib.sh
file=$1 work=$2; shift 2
TABLES=$(printf '%s\n' "$@")
export TABLES
terms < "$file" | LC_ALL=C awk '
  BEGIN { many = split(ENVIRON["TABLES"], table, "\n"); for (i = 1; i <= many; i++) wanted[table[i]] }
  /^[\001\002]/ { next }
  /^\177/ || substr($0, 2, index($0, ",") - 2) in wanted' | sorted "$work"
