import fc from "fast-check";

/** What has a meaning to some shell, in some place; `MARK` is a file that only code can make. */
const pieces = (mark: string): string[] => [
  ..."'\"\\`$(){}[]*?!~#&|;<>\n\r\t -=%^@,.:/+",
  `$(touch ${mark})`,
  `\`touch ${mark}\``,
  `';touch ${mark};'`,
  `"\ntouch ${mark}\n"`,
  `>${mark}`,
  "$HOME",
  "$1",
  "$@",
  "\\'",
  "\\\\",
  "''",
  "--",
  "-n",
  "-e",
  "EOF\n",
  "%s%n",
  "\u001b[0m",
  "\u0001",
  "\u007f",
  "é",
  "😀",
  "\u2028",
  "\ufeff",
];

/** Arbitrary values that an argument can carry (no NUL, no half of a surrogate pair), most of them nasty. */
export function nastyValue(mark: string): fc.Arbitrary<string> {
  const nasty = fc.constantFrom(...pieces(mark));
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.array(nasty, { maxLength: 8, size: "max" }).map((parts) => parts.join("")) },
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 16 }) },
      { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
    )
    .map((value) => value.replaceAll("\0", "0"))
    .filter((value) => !/\p{Surrogate}/u.test(value));
}
