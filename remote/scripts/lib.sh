# Functions for scripts that say `# uses .../remote/scripts/lib.sh`. Only those that a script names travel with it.

# What a script with many answers prints (remote/sections.ts reads it): `value NAME TEXT` one line, `content NAME FILE`
# a file byte for byte, so that one round trip carries all.
value() { printf '@= %s %s\n' "$1" "$2"; }
content() {
  if [ -f "$2" ] && [ -r "$2" ]; then
    printf '@@ %s %s\n' "$1" "$(($(wc -c < "$2")))"
    cat -- "$2"
    printf '\n'
  elif [ -e "$2" ]; then
    value "$1.unreadable" yes
  fi
}

# The lines of standard input as `NAME.1`, `NAME.2`, ...: `values NAME`.
values() { LC_ALL=C awk -v name="$1" '{ print "@= " name "." NR " " $0 }'; }

# Has files and directories on disc before it returns; fails, and says why, where the disc did not take them.
flush() { unsynced=$(LC_ALL=C sync -- "$@" 2>&1) || flush_all "$unsynced"; }

# What to do where `sync` failed: it may be too old to take names, or may not open one, and then all is flushed. What a disc
# or a server of the network did not take, a flush of all would not tell.
flush_all() {
  case $1 in *"/O error"* | *"/output error"* | *"No space left"* | *"uota exceeded"* | *Stale* | *"imed out"* | *"not connected"* | *"is down"*) printf '%s\n' "$1" >&2; return 1 ;; esac
  sync
}

# Ends the script with 3 when a path is a symbolic link: nothing behind one is changed.
not_a_link() {
  for suspect; do
    if [ -L "$suspect" ]; then echo "$suspect is a symbolic link, which is not followed" >&2; exit 3; fi
  done
}

# Who owns a file or directory.
# shellcheck disable=SC2012 # `stat` is not the same everywhere; what is cut off is the name
owner_of() { ls -ld -- "$1" 2>/dev/null | awk '{ print $3 }'; }

# The program of this host that prints SHA-256 sums, with its options.
digester() {
  if command -v sha256sum >/dev/null 2>&1; then echo sha256sum
  elif command -v shasum >/dev/null 2>&1; then echo shasum -a 256
  elif command -v openssl >/dev/null 2>&1; then echo openssl dgst -sha256 -r
  else printf 'no sha256sum, shasum or openssl on this host\n' >&2; return 1
  fi
}

# SHA-256 of standard input: `digest [BYTES]`. OpenSSL takes longer to start than coreutils, and hashes five times faster.
digest() {
  program=$(digester) || return 1
  if [ "${1:-0}" -gt 16777216 ] && [ "$(openssl dgst -sha256 -r </dev/null 2>/dev/null | cut -c 1-8)" = e3b0c442 ]; then
    program='openssl dgst -sha256 -r'
  fi
  $program | cut -c 1-64
}
