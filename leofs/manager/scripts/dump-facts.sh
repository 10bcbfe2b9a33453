# Tells what is in a text dump (../dumpOnHost.ts reads it): of each table its rows, their SHA-256 in the order of their bytes, and
# which of the given beginnings of rows stand in it. No row leaves the host.
# uses dump-lib.sh
# uses ../../../remote/scripts/lib.sh
file=$1 work=$2 syntax=$3; shift 3
if ! [ -f "$file" ] || ! [ -r "$file" ]; then cat -- "$file" > /dev/null; exit 1; fi
value bytes "$(wc -c < "$file" | tr -d ' ')"
value begin "$(head -c 4 -- "$file" | od -An -tu1)"
value last "$(tail -c 1 -- "$file" | od -An -tu1)"
value zeros "$(LC_ALL=C tr -cd '\000' < "$file" | wc -c | tr -d ' ')"
DIGESTER=$(digester) || exit 1
BEGINNINGS=$(printf '%s\n' "$@")
export DIGESTER BEGINNINGS
# What awk says itself comes last: the digests print their own lines meanwhile. A row is well-formed when nothing is left of it but
# its fields, each of them one A, once strings, atoms, numbers and then, from inside, what is made of them have become an A. No
# number goes on with a letter. What Erlang prints of a pid, a reference, a port or a fun it does not read again.
terms < "$file" | sorted "$work" | SYNTAX=$syntax LC_ALL=C awk '
  BEGIN { given = split(ENVIRON["BEGINNINGS"], beginning, "\n"); syntax = ENVIRON["SYNTAX"] }
  /^\001/ { head = substr($0, 2); next }
  /^\002/ { cut = 1; next }
  /^\177/ { read = 1; next }
  {
    name = substr($0, 2, index($0, ",") - 2)
    if (name != last) {
      if (digest != "") close(digest)
      if (tables == 500) { exit }
      last = names[++tables] = name
      digest = "printf \"@= digest." tables " %s\\n\" \"$(" ENVIRON["DIGESTER"] ")\""
      few = 0
      for (i = 1; i <= given; i++) if (index(beginning[i], "{" name ",") == 1) few_at[++few] = i
    }
    print | digest
    rows[tables]++
    for (i = 1; i <= few; i++) if (index($0, beginning[few_at[i]]) == 1) there[tables] = there[tables] " " few_at[i]
    if (syntax == "") next
    s = substr($0, 2, length($0) - 2)
    gsub(/\\./, "", s)
    gsub(/"[^"]*"|\047[^\047]*\047/, "A", s)
    if (s ~ /#(Ref|Port|Fun)<|(^|[^<])<[0-9]+[.][0-9]+[.][0-9]+>/) passing[tables]++
    bad_number = s ~ /(^|[^A-Za-z0-9_@.\300-\377])[0-9]+[A-Za-z_@\300-\377]/
    gsub(/[A-Za-z0-9_@.#$+\300-\377-]+/, "A", s)
    gsub(/AA+/, "A", s)
    gsub(/ => ?/, ",", s)
    gsub(/A A:A\/A/, "A", s)
    do {
      left = gsub(/<<(A(:A)?(,A(:A)?)*)?>>|[[](A(,A)*([|]A)?)?[]]|A?[{](A(,A)*)?[}]/, "A", s)
      left += gsub(/A?<A>/, "A", s)
    } while (left)
    if (bad_number || substr($0, 1, 1) != "{" || substr($0, length($0)) != "}" || s !~ /^A(,A)*$/) { odd[tables]++; next }
    fields = (length(s) + 1) / 2 - 1
    if (!(tables in least) || fields < least[tables]) least[tables] = fields
    if (fields > most[tables]) most[tables] = fields
  }
  END {
    if (digest != "") close(digest)
    print "@= head " head
    if (cut) print "@= cut yes"
    for (i = 1; i <= tables; i++) {
      print "@= name." i " " names[i]
      print "@= table." i " " rows[i], odd[i] + 0, least[i] + 0, most[i] + 0 there[i]
      if (passing[i]) print "@= passing." i " " passing[i]
    }
    if (read) print "@= read yes"
  }'
