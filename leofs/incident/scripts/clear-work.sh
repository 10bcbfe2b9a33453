# Removes from an incident's directory what steps made to work with, also what an ended run left there: rows of tables, copies of
# files. Prints what is still there.
directory=$1
if ! cd -- "$directory"; then echo '.proof-*.txt, .load-*.txt and .*.partial'; exit; fi
for file in .proof-*.txt .load-*.txt .*.partial; do
  if [ -e "$file" ] || [ -h "$file" ]; then rm -rf -- "$file" || printf '%s\n' "$file"; fi
done
# Halves of entries hold nothing that matters.
rm -f -- journal/.*.??????
exit 0
