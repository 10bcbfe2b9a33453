/** SHA-256 of standard input, by whichever program the host has. */
const DIGEST = `
digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r
  else printf 'no sha256sum, shasum or openssl on this host\\n' >&2; return 1
  fi | cut -c 1-64
}`;

/** What a path is: `SIZE MODE`. Only a plain file passes, and no symbolic link to one. */
export const INSPECT = `
[ ! -L "$1" ] && [ -f "$1" ] || { printf '%s is not a plain file\\n' "$1" >&2; exit 1; }
stat -c '%s %a' -- "$1" 2>/dev/null || stat -f '%z %Lp' -- "$1"`;

/** Refuses a target that exists, unless `$2` is `overwrite` and it is a plain file. */
export const CHECK_TARGET = `
[ -d "$(dirname -- "$1")" ] || { printf 'there is no directory %s\\n' "$(dirname -- "$1")" >&2; exit 1; }
[ -e "$1" ] || [ -L "$1" ] || exit 0
[ "$2" = overwrite ] && [ -f "$1" ] && [ ! -L "$1" ] && exit 0
printf '%s exists already\\n' "$1" >&2
exit 1`;

const SYNC = `sync -- "$1" 2>/dev/null || sync`;

/** Writes standard input to a file that must not exist yet, and has it on disc before it ends. */
export const RECEIVE = `
umask 077
set -C
cat >"$1" || exit 1
${SYNC}`;

/** The same from a file of the same host; prints that file's size and SHA-256. */
export const RECEIVE_LOCAL = `${DIGEST}
umask 077
set -C
cat -- "$2" >"$1" || exit 1
${SYNC}
printf '%s %s\\n' $(wc -c <"$2") "$(digest <"$2")"`;

/** Sends a file to standard output. */
export const SEND = `exec cat -- "$1"`;

/**
 * Reads the staged file `$1` back, compares size `$3` and SHA-256 `$4`, sets mode `$5` and gives it its name
 * `$2`; without `overwrite` as `$6` by a hard link, which cannot replace anything.
 */
export const PUBLISH = `${DIGEST}
size=$(wc -c <"$1" | tr -d ' ') || exit 1
sum=$(digest <"$1") || exit 1
if [ "$size" != "$3" ] || [ "$sum" != "$4" ]; then
  printf 'read back %s bytes with SHA-256 %s\\n' "$size" "$sum" >&2
  exit 1
fi
chmod "$5" "$1" || exit 1
if [ "$6" = overwrite ]; then mv -f -- "$1" "$2" || exit 1
else ln -- "$1" "$2" && rm -f -- "$1" || exit 1
fi
directory=$(dirname -- "$2")
sync -- "$directory" 2>/dev/null || sync`;

/** What is in a directory: directories, an empty name, then files, each name ended by a NUL. */
export const LIST = `
[ ! -L "$1" ] && [ -d "$1" ] || { printf '%s is not a directory\\n' "$1" >&2; exit 1; }
cd -- "$1" || exit 1
odd=$(find . ! -type d ! -type f | head -n 1)
[ -z "$odd" ] || { printf '%s is neither a file nor a directory\\n' "$odd" >&2; exit 1; }
find . -type d -print0
printf '\\0'
find . -type f -print0`;

/** Modes of directories, one a line. */
export const DIRECTORY_MODES = `
cd -- "$1" || exit 1
shift
for name; do stat -c %a -- "$name" 2>/dev/null || stat -f %Lp -- "$name" || exit 1; done`;

/** Creates the directories given below a new directory `$1`. */
export const MAKE_DIRECTORIES = `
umask 077
mkdir -- "$1" && cd -- "$1" || exit 1
shift
for name; do [ "$name" = . ] || mkdir -- "$name" || exit 1; done`;

/** Sets the modes of the directories given as `MODE NAME` pairs, deepest last, and gives `$1` its name `$2`. */
export const PUBLISH_DIRECTORY = `
stage=$1 name=$2
shift 2
while [ $# -ge 2 ]; do chmod "$1" "$stage/$2" || exit 1; sync -- "$stage/$2" 2>/dev/null || sync; shift 2; done
if [ -e "$name" ] || [ -L "$name" ]; then printf '%s exists already\\n' "$name" >&2; exit 1; fi
mv -- "$stage" "$name" || exit 1
directory=$(dirname -- "$name")
sync -- "$directory" 2>/dev/null || sync`;
