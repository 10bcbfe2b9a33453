import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  atom,
  atomName,
  atomText,
  binary,
  formatTerm,
  integer,
  intOf,
  isTuple,
  list,
  parseTerm,
  property,
  type Term,
  TermError,
  textOf,
  tuple,
} from "../../../../leofs/erlang/terms";
import { float, parseTerms, text } from "../../support/terms";

const anyTerm: fc.Arbitrary<Term> = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.string({ unit: "binary", maxLength: 20 }).map(atom),
    fc.bigInt().map(integer),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(float),
    fc.uint8Array({ maxLength: 30 }).map((bytes) => binary(Buffer.from(bytes))),
    fc.string({ unit: "binary", maxLength: 20 }).map(text),
    fc.array(tie("term"), { maxLength: 5 }).map((items) => tuple(...items)),
    fc.tuple(fc.array(tie("term"), { maxLength: 5 }), tie("term")).map(([items, tail]) => list(items, tail)),
    fc.array(tie("term"), { maxLength: 5 }).map((items) => list(items)),
    fc
      .uniqueArray(fc.tuple(tie("term"), tie("term")), { maxLength: 4, selector: ([key]) => formatTerm(key) })
      .map(
        (entries): Term => ({
          kind: "map",
          entries: entries.sort(([a], [b]) => (formatTerm(a) < formatTerm(b) ? -1 : 1)),
        }),
      ),
    fc
      .constantFrom(
        "<0.12.0>",
        "<m@10.0.0.1.77.0>",
        "#Ref<0.1.2.3>",
        "#Fun<erl_eval.42.1>",
        "fun lists:map/2",
      )
      .map((shown): Term => ({ kind: "opaque", text: shown })),
  ),
})).term;

const sameAs = (source: string, other: string) =>
  expect(formatTerm(parseTerm(source))).toBe(formatTerm(parseTerm(other)));

describe("reading Erlang terms", () => {
  test.each([
    ["ok", "ok"],
    ["'manager_0@127.0.0.1'.", "'manager_0@127.0.0.1'"],
    ["'it\\'s'", "'it\\'s'"],
    ["'plain'", "plain"],
    ["'end'", "'end'"],
    ["-5", "-5"],
    ["8550190062738985235246938537174048001", "8550190062738985235246938537174048001"],
    ["16#ff", "255"],
    ["-2#101", "-5"],
    ["$a", "97"],
    ["$\\n", "10"],
    ["1.0e100", "1.0e100"],
    ["1.5e-7", "1.5e-7"],
    ["-0.0", "-0.0"],
    ["<<>>", "<<>>"],
    ["<<97,98>>", '<<"ab">>'],
    ['<<"a\\"b\\\\">>', '<<"a\\"b\\\\">>'],
    ['<<"\u00e9">>', "<<233>>"],
    ['<<"\u00e9"/utf8>>', "<<195,169>>"],
    ["<<1,2:7>>", "<<1,2:7>>"],
    ["#Bin<97,98>", '<<"ab">>'],
    ["[97,98,99]", '"abc"'],
    ['"ab"\n   "c"', '"abc"'],
    ['"\\x{1F600}\\e\\101\\^a"', "[128512,27,65,1]"],
    ["[]", "[]"],
    ['""', "[]"],
    ["[a|[b,c]]", "[a,b,c]"],
    ["[ a , b | c ]", "[a,b|c]"],
    ["{a,{},[[]]}", "{a,{},[[]]}"],
    ['#{b => 1, a=>"x"}', '#{a => "x",b => 1}'],
    ["#{}", "#{}"],
    ["{<0.1.0>,#Ref<0.1.2.3>,#Fun<x.1.2>,#Port<0.4>,fun lists:map/2}", undefined],
    ["% a comment\n{a, % another\n b}. % the end", "{a,b}"],
  ])("%s", (source, canonical) => {
    expect(formatTerm(parseTerm(source))).toBe(canonical ?? source);
  });

  test("a string and the list of its characters are the same term, as are two layouts", () => {
    sameAs('{users,"alice"}', "{ users ,\n[97,108, 105,99,101] }");
    sameAs("#{a => 1,b => 2}", "#{b => 2,a => 1}");
  });

  test("several terms, each ended by a dot", () => {
    expect(parseTerms('a.\n{b,1.5}.\n"c.".').map(formatTerm)).toEqual(["a", "{b,1.5}", '"c."']);
    expect(parseTerms("  % nothing\n")).toEqual([]);
  });

  test.each([
    ["{a,\n b", 2, true],
    ["{a b}", 1, false],
    ["\n\n[1,", 3, true],
    ["<<1,300>>", 1, false],
    ['"abc', 1, true],
    ["", 1, true],
    ["a b", 1, false],
    ["3#9 ", 1, false],
    ["{a]", 1, false],
  ])(
    "%j is refused with its line, and the end of the text is told from a wrong character",
    (source, line, atEnd) => {
      const error = failure(() => parseTerm(source));
      expect(error).toMatchObject({ line, atEnd });
      expect(error.message).toMatch(/^line \d+: /);
    },
  );

  test("a message shows one character at most, so no secret", () => {
    expect(failure(() => parseTerm('{leo_s3_credentials,<<"key">> <<"s3cret">>}')).message).not.toMatch(
      /s3cret|key/,
    );
  });

  test("terms without their dot, or with a dot in the middle of a term, are refused", () => {
    expect(failure(() => parseTerms("{a}.\n{b}")).atEnd).toBe(true);
    expect(() => parseTerms("{a}.{b}.")).toThrow(TermError);
  });

  test("nesting without end is refused, not a stack overflow", () => {
    expect(() => parseTerm("[".repeat(100_000))).toThrow(/nested deeper/);
  });

  test("4 MB are read and printed quickly enough", () => {
    const row =
      "{leo_ring_cur,8550190062738985235246938537174048001,'storage_0@127.0.0.1',\n              1795376337960314}.\n";
    const rows = parseTerms(row.repeat(40_000));
    expect(new Set(rows.map(formatTerm)).size).toBe(1);
  }, 10_000);
});

describe("properties", () => {
  test("what was printed is read back as the same term", () => {
    fc.assert(
      fc.property(anyTerm, (term) => {
        expect(parseTerm(formatTerm(term))).toEqual(term);
      }),
    );
  });

  test("printed terms are one line of 7-bit characters", () => {
    fc.assert(
      fc.property(anyTerm, (term) => {
        expect(formatTerm(term)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  test("any text is read or refused, nothing else", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      "|",
      ",",
      '"',
      "'",
      "<<",
      ">>",
      "\\",
      "#{",
      "=>",
      "a",
      "1",
      ".",
      "$",
      "%",
      "\n",
      "<0.",
    );
    const garbage = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(garbage, (source) => {
        try {
          parseTerms(source);
        } catch (error) {
          expect(error).toBeInstanceOf(TermError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("no value breaks out of its quotes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        expect(parseTerm(atomText(value))).toEqual(atom(value));
        expect(parseTerm(formatTerm(text(value)))).toEqual(text(value));
        expect(parseTerm(formatTerm(binary(value)))).toEqual(binary(value));
      }),
    );
    expect(atomText("x'), os:cmd(\"id\"), ('")).toBe("'x\\'), os:cmd(\"id\"), (\\''");
  });
});

test("accessors", () => {
  const term = parseTerm("[{managers,['m0@h','m1@h']},{name,<<\"caf\\303\\251\">>},{n,3}]");
  expect(textOf(property(term, "name"))).toBe("caf\u00e9");
  expect(intOf(property(term, "n"))).toBe(3);
  expect(property(term, "none")).toBeUndefined();
  expect(isTuple(parseTerm("{a,b}"), 2)).toBe(true);
  expect(isTuple(parseTerm("{a,b}"), 3)).toBe(false);
  expect(atomName(parseTerm("'A b'"))).toBe("A b");
  expect(intOf(parseTerm("8550190062738985235246938537174048001"))).toBeUndefined();
});

function failure(action: () => unknown): TermError {
  try {
    action();
  } catch (error) {
    if (error instanceof TermError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
