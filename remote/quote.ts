/**
 * One word of a POSIX shell that stands for exactly this value, whatever is in it.
 *
 * Three lines of our own: libraries escape for several shells, and let a NUL pass. Inside single quotes nothing is special to `sh` but the quote itself, so that is the only thing rewritten.
 * Throws for what no argument can carry: a NUL, or half of a surrogate pair (it has no bytes in UTF-8).
 */
export function quote(value: string): string {
  if (value.includes("\0")) throw new Error("A value with a NUL character cannot be given to a shell.");
  if (/\p{Surrogate}/u.test(value))
    throw new Error("A value with an unpaired surrogate is not text and cannot be given to a shell.");
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** The same for people to read and copy: what needs no quotes has none. */
export const word = (value: string): string =>
  /^[A-Za-z0-9@%+=:,./_-]+$/.test(value) ? value : quote(value);

/**
 * A whole command in one string, for programs that take a shell line: `sh -c SCRIPT sh ARG...`.
 *
 * `script` is constant POSIX shell text and sees the values as `$1`, `$2`, ...; they are never parsed as code.
 * The string itself must be read by a POSIX login shell (csh and fish treat quotes in other ways).
 */
export function commandLine(script: string, args: readonly string[] = []): string {
  return ["sh", "-c", quote(script), "sh", ...args.map(quote)].join(" ");
}

/**
 * A `printf` format whose output is exactly these bytes, NUL included: octal escapes are the one way to write any byte
 * that dash, bash and busybox agree on. A dash is one too: a format may not begin like an option.
 */
export function printfText(bytes: Buffer): string {
  const pieces: string[] = [];
  for (const byte of bytes) pieces.push(OCTAL[byte]!);
  return pieces.join("");
}

/** The same as a word of a shell. */
export const printfFormat = (bytes: Buffer): string => `'${printfText(bytes)}'`;

const OCTAL = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9 .,:;_=+/@{}()[\]<>"]/.test(character)
    ? character
    : `\\${byte.toString(8).padStart(3, "0")}`;
});
