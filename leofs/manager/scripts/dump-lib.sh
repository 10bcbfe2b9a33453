# Functions for scripts that read text dumps.

# The terms of a text dump from standard input, a line each and without their dots. Erlang breaks lines between the elements of a
# term, and a string in two strings; one of its lines ends with a dot only where a term ends. The first term is marked with \001, one
# that the file ends in the middle of is \002 alone, and \177 says that there are no more.
terms() {
  LC_ALL=C awk '
    { sub(/^ +/, "") }
    /^"/ && row ~ /"$/ { row = substr(row, 1, length(row) - 1); $0 = substr($0, 2) }
    /[.]$/ { print (any++ ? "" : "\001") row substr($0, 1, length($0) - 1); row = ""; next }
    { row = row $0 }
    END { if (row != "") print "\002"; print "\177" }'
}

# sorted DIRECTORY: lines in the order of their bytes; what does not fit into memory lies in the directory meanwhile.
sorted() { LC_ALL=C sort -T "$1"; }
