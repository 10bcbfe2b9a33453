import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandLine, printfFormat, quote } from "../../../remote/quote";
import { shells } from "../support/shells";

const nasty = fc.constantFrom(
  ..."'\"\\`$(){}[]*?!~#&|;<>\n\r\t -=%",
  "$(touch x)",
  `$${"{HOME}"}`,
  "--",
  "-n",
  "\u001b[0m",
  "\u0001",
  "é",
  "😀",
  "\u2028",
);
const value = fc.oneof(
  fc.array(nasty, { maxLength: 12 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);
const values = fc
  .array(value, { minLength: 400, maxLength: 400, size: "max" })
  .map((all) => all.filter((one) => !one.includes("\0") && !/\p{Surrogate}/u.test(one)));

function output([program, ...words]: string[], script: string): Buffer {
  return execFileSync(program!, words, { input: script, maxBuffer: 1 << 26 });
}

describe.each(shells)("in $name", ({ command }) => {
  it("any text comes out as it went in", () => {
    fc.assert(
      fc.property(values, (all) => {
        const script = `printf '%s\\0' ${all.map(quote).join(" ")}\n`;
        expect(output(command, script).toString("utf8")).toBe(all.map((one) => `${one}\0`).join(""));
      }),
      { numRuns: 25 },
    );
  });

  it("any bytes come out of a printf format as they went in", () => {
    const all = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    expect(output(command, `printf ${printfFormat(all)}\n`)).toEqual(all);
  });

  it.each(["-", "--", "-n", "--help\n"])("a printf format that begins with %s is no option", (text) => {
    expect(output(command, `printf ${printfFormat(Buffer.from(text))}\n`).toString()).toBe(text);
  });

  it("a command line hands its values to the script, whatever they are", () => {
    const args = ["$(id)", "it's", "-n", "", "two\nlines", "*"];
    const line = commandLine('printf \'<%s>\' "$#" "$@"', args);
    expect(output(command, line).toString()).toBe(`<6>${args.map((one) => `<${one}>`).join("")}`);
  });
});

describe("quote", () => {
  it("refuses what no argument can carry", () => {
    expect(() => quote("a\0b")).toThrow(/NUL/);
    expect(() => quote("\ud800")).toThrow(/surrogate/);
  });
});
