import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeTerm, ExternalTermError } from "../../../../leofs/erlang/externalTerm";
import { formatTerm, parseTerm, type Term } from "../../../../leofs/erlang/terms";
import { walkLog } from "../../../../leofs/mnesia/diskLog";
import { examineDirectory, examineFile } from "../../../../leofs/mnesia/mnesiaFiles";
import { lastStopped, mnesiaDownMarks } from "../../../../leofs/mnesia/mnesiaMarks";
import { readSchema } from "../../../../leofs/mnesia/schemaFile";
import { TABLES } from "../../../../leofs/mnesia/tables";

const long = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Erlang's external format, as far as the tests need it. */
function encode(term: Term): Buffer {
  switch (term.kind) {
    case "atom": {
      const name = Buffer.from(term.name);
      return Buffer.concat([Buffer.of(118, name.length >> 8, name.length & 255), name]);
    }
    case "integer": {
      if (term.value >= 0n && term.value < 256n) return Buffer.of(97, Number(term.value));
      const size = term.value < 0n ? -term.value : term.value;
      const hex = size.toString(16);
      const digits = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex").reverse();
      return Buffer.concat([Buffer.of(110, digits.length, term.value < 0n ? 1 : 0), digits]);
    }
    case "float": {
      const bytes = Buffer.alloc(9, 70);
      bytes.writeDoubleBE(term.value, 1);
      return bytes;
    }
    case "binary":
      return Buffer.concat([Buffer.of(109), long(term.bytes.length), term.bytes]);
    case "tuple":
      return Buffer.concat([Buffer.of(104, term.items.length), ...term.items.map(encode)]);
    case "list":
      if (term.items.length === 0) return Buffer.of(106);
      return Buffer.concat([
        Buffer.of(108),
        long(term.items.length),
        ...term.items.map(encode),
        term.tail ? encode(term.tail) : Buffer.of(106),
      ]);
    case "map":
      return Buffer.concat([Buffer.of(116), long(term.entries.length), ...term.entries.flat().map(encode)]);
    case "opaque":
      throw new Error("not needed");
  }
}
const encoded = (source: string) => Buffer.concat([Buffer.of(131), encode(parseTerm(source))]);

const CLOSED = Buffer.of(1, 2, 3, 4, 99, 88, 77, 11);
const OPEN = Buffer.of(1, 2, 3, 4, 6, 7, 8, 9);
function item(source: string): Buffer {
  const bytes = encoded(source);
  const size = long(bytes.length);
  const sum = bytes.length >= 65_528 ? createHash("md5").update(size).digest() : Buffer.alloc(0);
  return Buffer.concat([size, Buffer.of(98, 87, 76, 65), sum, bytes]);
}
const log = (begin: Buffer, ...sources: string[]) => Buffer.concat([begin, ...sources.map(item)]);
const header = (kind: string, node = "m0@x") =>
  `{log_header,${kind},"1.0","4.18.1",'${node}',{1795,376337,889153}}`;
const NAME = "leo_s3_users";
const CHANGE = `{{${NAME},<<"alice">>},{user_1,<<"alice">>},write}`;

describe("Erlang's external format", () => {
  test.each([
    "{ok,[1,-1,300,8550190062738985235246938537174048001,-70000]}",
    '{<<"abc">>,<<>>,"abc",[],[a|b]}',
    "{1.5,#{a => 1},'caf\\x{E9}',{}}",
  ])("%s", (source) => {
    expect(formatTerm(decodeTerm(encoded(source)))).toBe(formatTerm(parseTerm(source)));
  });

  test("forms that only Erlang writes", () => {
    const forms: [number[], string][] = [
      [[98, 255, 255, 255, 254], "-2"],
      [[107, 0, 2, 97, 98], '"ab"'],
      [[100, 0, 2, 111, 107], "ok"],
      [[115, 1, 97], "a"],
      [[119, 2, 0xc3, 0xa9], "'\\x{E9}'"],
      [[77, 0, 0, 0, 2, 4, 7, 0x30], "<<7,3:4>>"],
      [[104, 2, 103, 100, 0, 1, 97, 0, 0, 0, 1, 0, 0, 0, 0, 1, 97, 7], "{<pid>,7}"],
      [[104, 2, 90, 0, 1, 119, 1, 97, 0, 0, 0, 1, 0, 0, 0, 5, 97, 7], "{#Ref<>,7}"],
    ];
    for (const [bytes, shown] of forms) expect(formatTerm(decodeTerm(Buffer.of(131, ...bytes)))).toBe(shown);
    const plain = encoded('{"compressed"}').subarray(1);
    const packed = Buffer.concat([Buffer.of(131, 80), long(plain.length), deflateSync(plain)]);
    expect(formatTerm(decodeTerm(packed))).toBe('{"compressed"}');
  });

  test("bytes that are no whole term are refused, whatever they are", () => {
    const whole = encoded('{ok,[1,2,300],<<"abc">>}');
    for (let length = 0; length < whole.length; length += 1)
      expect(() => decodeTerm(whole.subarray(0, length))).toThrow(ExternalTermError);
    expect(() => decodeTerm(Buffer.concat([whole, Buffer.of(0)]))).toThrow(/behind the term/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeTerm(Buffer.of(131, ...bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(ExternalTermError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a Mnesia file", () => {
  test.each<[string, Buffer]>([
    [`${NAME}.DCD`, CLOSED],
    [`${NAME}.DCD`, log(CLOSED, header("dcd_log"), '{user_1,<<"alice">>}')],
    [`${NAME}.DCD`, log(CLOSED, header("dcd_log"), `{user_1,<<"${"x".repeat(70_000)}">>}`)],
    [`${NAME}.DCL`, log(CLOSED, header("dcl_log"), CHANGE)],
    ["LATEST.LOG", log(OPEN, header("trans_log"))],
    ["LATEST.LOG", log(OPEN, header("trans_log"), "{commit}").subarray(0, -3)],
    // Mnesia of OTP 25 says "repaired, lost 4089 bad bytes" of such a one, and has every row.
    ["LATEST.LOG", Buffer.concat([log(OPEN, header("trans_log"), "{commit}"), Buffer.alloc(4096)])],
    ["DECISION_TAB.LOG", log(CLOSED, header("decision_tab"), "{decision_list,[]}")],
  ])("%s is intact (%#)", (name, bytes) => {
    expect(examineFile(name, bytes)).toEqual({ verdict: "intact" });
  });

  const rows = log(CLOSED, header("dcd_log"), '{user_1,<<"alice">>}');
  const overwritten = Buffer.from(rows);
  overwritten.fill(0, 60, 80);
  const large = log(CLOSED, header("dcd_log"), `{user_1,<<"${"x".repeat(70_000)}">>}`);
  const badSum = Buffer.from(large);
  badSum[large.length - 70_020] = 1;
  test.each<[string, Buffer, RegExp]>([
    [`${NAME}.DCD`, Buffer.alloc(0), /empty/],
    [`${NAME}.DCD`, CLOSED.subarray(0, 5), /ends in its header/],
    [`${NAME}.DCD`, Buffer.alloc(100), /does not begin like/],
    [`${NAME}.DCD`, Buffer.from("garbage garbage"), /does not begin like/],
    [`${NAME}.DCD`, Buffer.of(1, 2, 3, 4, 5, 5, 5, 5), /unknown/],
    [`${NAME}.DCD`, rows.subarray(0, -2), /last item is cut/],
    [`${NAME}.DCD`, overwritten, /item/],
    [`${NAME}.DCD`, Buffer.concat([rows, Buffer.alloc(64)]), /ends in 64 zero bytes/],
    [`${NAME}.DCD`, Buffer.concat([rows, Buffer.from("12345678")]), /no item where one should begin/],
    [`${NAME}.DCD`, badSum, /checksum|cannot be read/],
    [`${NAME}.DCD`, log(CLOSED, header("trans_log")), /something else than its name says/],
    [
      `${NAME}.DCL`,
      log(CLOSED, header("dcl_log"), CHANGE.replace(NAME, "leo_ring_cur")),
      /changes of leo_ring_cur/,
    ],
    ["LATEST.LOG", log(CLOSED, header("trans_log"), "{commit}").subarray(0, -3), /last item is cut/],
    [
      "LATEST.LOG",
      Buffer.concat([log(CLOSED, header("trans_log")), Buffer.alloc(9)]),
      /ends in 9 zero bytes/,
    ],
    ["LATEST.LOG", CLOSED, /lost all/],
    ["schema.DAT", Buffer.alloc(400), /does not begin like a Mnesia schema/],
  ])("%s is damaged (%#)", (name, bytes, why) => {
    expect(examineFile(name, bytes)).toMatchObject({
      verdict: "damaged",
      why: expect.stringMatching(why),
    });
  });

  test("of which only the beginning is given is judged by that", () => {
    expect(examineFile(`${NAME}.DCD`, rows.subarray(0, 40), rows.length).verdict).toBe("intact");
    expect(examineFile(`${NAME}.DCD`, overwritten.subarray(0, 4), 4).verdict).toBe("damaged");
    expect(examineFile("erl_crash.dump", Buffer.from("x")).verdict).toBe("unknown");
  });

  test("any single changed byte of an item's frame is noticed", () => {
    const start = 8 + item(header("dcd_log")).length;
    for (let at = start; at < start + 8; at += 1) {
      const changed = Buffer.from(rows);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      expect(walkLog(changed).damage, `byte ${at}`).toBeDefined();
    }
  });
});

describe("schema.DAT", () => {
  const group = (...sources: string[]) => {
    const terms = sources.map((source) => Buffer.concat([long(encoded(source).length + 4), encoded(source)]));
    const inside = Buffer.concat([Buffer.of(0x12, 0x34, 0x56, 0x78), ...terms]);
    return Buffer.concat([long(inside.length + 4), inside]);
  };
  /** Header, directory, one part of it, one segment of slots, the groups. */
  function schema(count: number, ...groups: Buffer[]): Buffer {
    const head = Buffer.alloc(5432);
    for (const [at, value] of [
      [4, 0xabcdef],
      [8, 1],
      [12, 1],
      [16, 9],
      [32, count],
      [312, 1336],
      [1336, 3384],
    ] as const)
      head.writeUInt32BE(value, at);
    createHash("md5").update(head.subarray(12, 168)).digest().copy(head, 168);
    let place = head.length;
    groups.forEach((bytes, slot) => {
      head.writeUInt32BE(bytes.length, 3384 + slot * 24);
      head.writeUInt32BE(place, 3388 + slot * 24);
      place += bytes.length;
    });
    const body = Buffer.concat([head, ...groups, long(12345)]);
    return Buffer.concat([body, long(body.length + 4)]);
  }
  const ROOT = "{schema,schema,[{name,schema},{cookie,{{1,2,3},'m0@x'}},{disc_copies,['m1@x','m0@x']}]}";
  const USERS = `{schema,${NAME},[{name,${NAME}},{disc_copies,['m1@x','m0@x']}]}`;
  const RING = "{schema,leo_ring_cur,[{name,leo_ring_cur},{disc_copies,['m0@x']}]}";
  const sound = schema(3, group(ROOT), group(USERS, RING));

  test("names the tables, their copies and the pair", () => {
    expect(readSchema(sound)).toMatchObject({ damage: undefined, closed: true, cookie: "{{1,2,3},m0@x}" });
    expect([...readSchema(sound).copies]).toEqual([
      ["schema", ["m0@x", "m1@x"]],
      [NAME, ["m0@x", "m1@x"]],
      ["leo_ring_cur", ["m0@x"]],
    ]);
    expect(examineFile("schema.DAT", sound).verdict).toBe("intact");
  });

  test("that was cut or overwritten is damaged", () => {
    const why = (bytes: Buffer) => examineFile("schema.DAT", bytes).why;
    expect(why(sound.subarray(0, 100))).toMatch(/ends in its header/);
    expect(why(sound.subarray(0, -30))).toMatch(/does not have the length/);
    const header = Buffer.from(sound);
    header[40] = 7;
    expect(why(header)).toMatch(/checksum/);
    for (const from of [400, 2000, 3384, 5436, sound.length - 60]) {
      const body = Buffer.from(sound);
      body.fill(0xa5, from, from + 40);
      expect(why(body), `overwritten from ${from}`).toMatch(/cannot be read|can be read/);
    }
    expect(why(schema(4, group(ROOT), group(USERS, RING)))).toMatch(/3 of its 4 tables can be read/);
  });
});

describe("a Mnesia directory", () => {
  const whole = [
    "schema.DAT",
    "LATEST.LOG",
    "DECISION_TAB.LOG",
    ...TABLES.map((table) => `${table}.DCD`),
  ].map((name) => ({ name, size: 8 }));

  test("of a pair is complete, with or without the files that come and go", () => {
    expect(examineDirectory(whole)).toEqual({ state: "complete", missing: [], problems: [] });
    expect(examineDirectory(whole.filter(({ name }) => name !== "DECISION_TAB.LOG")).state).toBe("complete");
  });

  test("that lost files, or holds an empty one, is incomplete", () => {
    expect(examineDirectory(whole.slice(1))).toEqual({
      state: "incomplete",
      missing: ["schema.DAT"],
      problems: [],
    });
    expect(examineDirectory([...whole.slice(1), { name: "schema.DAT", size: 0 }]).problems).toEqual([
      "schema.DAT has 0 bytes, too few for a Mnesia file",
    ]);
    expect(examineDirectory([...whole, { name: "FALLBACK.BUP", size: 90 }]).problems).toHaveLength(1);
  });

  test("without a file of Mnesia's is empty", () => {
    expect(examineDirectory([]).state).toBe("empty");
    expect(examineDirectory([{ name: "notes", size: 3 }]).state).toBe("empty");
  });
});

describe("who stopped last", () => {
  const down = (node: string, minute: number) => `{mnesia_down,'${node}',{2026,11,22},{19,${minute},5}}`;
  const latest = (writer: string, ...items: string[]) => log(CLOSED, header("trans_log", writer), ...items);

  test("the manager that noted the other going down", () => {
    const a = { node: "m0@x", marks: mnesiaDownMarks(latest("m0@x", "{commit}", down("m1@x", 39))) };
    const b = { node: "m1@x", marks: mnesiaDownMarks(latest("m1@x")) };
    expect(a.marks.down).toEqual(new Map([["m1@x", "2026-11-22 19:39:05"]]));
    const expected = { node: "m0@x", evidence: "m0@x noted m1@x going down at 2026-11-22 19:39:05" };
    expect(lastStopped(a, b)).toEqual(expected);
    expect(lastStopped(b, a)).toEqual(expected);
  });

  test("a note kept in DECISION_TAB.LOG counts until the node came up again", () => {
    const decisions = log(CLOSED, header("decision_tab", "m0@x"), `{decision_list,[${down("m1@x", 1)}]}`);
    expect([...mnesiaDownMarks(decisions, latest("m0@x")).down.keys()]).toEqual(["m1@x"]);
    const up = "{mnesia_up,'m1@x',{2026,11,22},{19,2,5}}";
    expect(mnesiaDownMarks(decisions, latest("m0@x", up)).down.size).toBe(0);
  });

  test("files that do not tell", () => {
    const marks = (writer: string, ...items: string[]) => mnesiaDownMarks(latest(writer, ...items));
    const ask = (a: ReturnType<typeof marks>, b: ReturnType<typeof marks>) =>
      lastStopped({ node: "m0@x", marks: a }, { node: "m1@x", marks: b });
    expect(ask(marks("m0@x"), marks("m1@x"))).toMatchObject({
      node: undefined,
      evidence: expect.stringMatching(/neither/),
    });
    expect(ask(marks("m0@x", down("m1@x", 1)), marks("m1@x", down("m0@x", 2)))).toMatchObject({
      node: undefined,
      evidence: expect.stringMatching(/each ran without the other/),
    });
    expect(ask(marks("m0@x", down("m1@x", 1)), marks("m0@x"))).toMatchObject({
      node: undefined,
      evidence: expect.stringMatching(/the files of m1@x were written by m0@x/),
    });
    expect(mnesiaDownMarks(Buffer.from("garbage"))).toEqual({ writer: undefined, down: new Map() });
  });
});
