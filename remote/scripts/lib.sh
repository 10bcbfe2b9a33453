# Functions for scripts that say `# uses .../remote/scripts/lib.sh`. Only those that a script names travel with it.

# What a script with many answers prints (remote/sections.ts reads it): `value NAME TEXT` one line, `content NAME FILE`
# a file byte for byte, so that one round trip carries all.
value() { printf '@= %s %s\n' "$1" "$2"; }
content() {
  if [ -f "$2" ] && [ -r "$2" ]; then
    printf '@@ %s %s\n' "$1" "$(wc -c < "$2" | tr -d ' ')"
    cat -- "$2"
    printf '\n'
  elif [ -e "$2" ]; then
    value "$1.unreadable" yes
  fi
}

# Has files and directories on disc before it returns.
flush() { sync -- "$@" 2>/dev/null || sync; }

# Ends the script with 3 when a path is a symbolic link: nothing behind one is changed.
not_a_link() {
  for path; do
    if [ -L "$path" ]; then echo "$path is a symbolic link, which is not followed" >&2; exit 3; fi
  done
}

# SHA-256 of standard input, by whichever program the host has.
digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r
  else printf 'no sha256sum, shasum or openssl on this host\n' >&2; return 1
  fi | cut -c 1-64
}
