import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effectiveConf, partnerProblems, settingOf } from "../../../../leofs/conf/conf";
import { setValue, unifiedDiff } from "../../../../leofs/conf/confText";

const CONF = `## Name of partner
#manager.partner = commented@10.0.0.1
manager.partner = manager_1@10.0.0.12
console.port.cui  = 10010

mnesia.dir=./work/mnesia/127.0.0.1
nodename = manager_0@10.0.0.11
`;
const MAIN = "etc/leo_manager.conf";
const WANTED = "manager_2@10.0.0.13";

const value = (text: string, key: string) => effectiveConf(text).values.get(key)?.value;

describe("what is in effect", () => {
  test("key, value and place of each line", () => {
    const { values, warnings, broken } = effectiveConf(CONF);
    expect(Object.fromEntries([...values].map(([key, setting]) => [key, setting.value]))).toEqual({
      "manager.partner": "manager_1@10.0.0.12",
      "console.port.cui": "10010",
      "mnesia.dir": "./work/mnesia/127.0.0.1",
      nodename: "manager_0@10.0.0.11",
    });
    expect(values.get("manager.partner")).toMatchObject({ file: MAIN, line: 3 });
    expect({ warnings, broken }).toEqual({ warnings: [], broken: [] });
  });

  test.each([
    ["a = 1 # the first", "1 # the first"],
    ["a = 1 ; two", "1 ; two"],
    ['a = "x@y"', '"x@y"'],
    ["a = [x@y, z@y]", "[x@y, z@y]"],
    ["a=1\r\n", "1"],
    ["  a\t=\t1  ", "1"],
    ["a = b=c", "b=c"],
    ["a = true", "true"],
    ["a = C:\\x", "C:\\x"],
    ["a = 1\na = 2", "2"],
  ])("%j is %j, as LeoFS reads it", (text, wanted) => {
    expect(value(text, "a")).toBe(wanted);
  });

  test("files of leo_manager.d come later, in the order of their names", () => {
    const conf = effectiveConf(CONF, [
      { path: "etc/leo_manager.d/20.conf", text: "manager.partner = c@x\n" },
      { path: "etc/leo_manager.d/10.conf", text: "\nmanager.partner = b@x\n" },
    ]);
    expect(conf.values.get("manager.partner")).toEqual({
      value: "c@x",
      file: "etc/leo_manager.d/20.conf",
      line: 1,
    });
    expect(conf.warnings).toContainEqual(
      "manager.partner is set twice: etc/leo_manager.d/10.conf line 2 beats etc/leo_manager.conf line 3",
    );
  });

  test("a misspelt key is pointed out, other unknown keys are not", () => {
    expect(effectiveConf("manager.partnr = x@y\nsomething.else = 1\n").warnings).toEqual([
      "etc/leo_manager.conf line 1: LeoFS ignores the unknown key manager.partnr (manager.partner meant?)",
    ]);
  });

  test("what is not set has the role's default", () => {
    const conf = effectiveConf(CONF);
    expect(settingOf(conf, "console.port.cui", "slave")).toBe("10010");
    expect(settingOf(conf, "distributed_cookie", "slave")).toBe("leofs");
    expect(settingOf(conf, "manager.mode", "slave")).toBe("slave");
    expect(settingOf(effectiveConf(""), "manager.partner", "master")).toBeUndefined();
  });
});

describe("changing a value", () => {
  test("only the value changes", () => {
    const change = setValue(CONF, "manager.partner", WANTED);
    expect(change).toEqual({
      text: CONF.replace("= manager_1@10.0.0.12", `= ${WANTED}`),
      before: "manager.partner = manager_1@10.0.0.12",
      after: `manager.partner = ${WANTED}`,
      line: 3,
    });
    expect(unifiedDiff(change, MAIN)).toBe(
      `--- ${MAIN}\n+++ ${MAIN}\n@@ -3 +3 @@\n-manager.partner = manager_1@10.0.0.12\n+manager.partner = ${WANTED}`,
    );
  });

  test.each([
    ["manager.partner=a@b", `manager.partner=${WANTED}`],
    ["manager.partner\t =  a@b  \r\nx = 1\r\n", `manager.partner\t =  ${WANTED}  \r\nx = 1\r\n`],
    ["manager.partner = a@b # old\n", `manager.partner = ${WANTED}\n`],
    [
      "manager.partner = a@b\nmanager.partner = c@d\n",
      `manager.partner = a@b\nmanager.partner = ${WANTED}\n`,
    ],
    ["manager.partner =\n", `manager.partner =${WANTED}\n`],
    ["# manager.partner = a@b\nx = 1\n", `# manager.partner = a@b\nx = 1\nmanager.partner = ${WANTED}\n`],
    ["x = 1\r\ny = 2", `x = 1\r\ny = 2\r\nmanager.partner = ${WANTED}`],
    ["", `manager.partner = ${WANTED}\n`],
  ])("%j becomes %j", (text, wanted) => {
    expect(setValue(text, "manager.partner", WANTED).text).toBe(wanted);
  });

  test("an added line is shown as added", () => {
    const change = setValue("x = 1\n", "manager.partner", WANTED);
    expect(change).toMatchObject({ before: undefined, line: 2 });
    expect(unifiedDiff(change, MAIN)).toContain(`@@ -1,0 +2 @@\n+manager.partner = ${WANTED}`);
    expect(unifiedDiff(setValue(change.text, "manager.partner", WANTED), MAIN)).toBe("");
  });

  test.each(["", " a@b", "a@b\nnodename = x", "a\r"])("%j cannot be written", (wanted) => {
    expect(() => setValue(CONF, "manager.partner", wanted)).toThrow(RangeError);
  });

  const line = fc.oneof(
    fc.constantFrom(
      "",
      "# note",
      "#manager.partner = z@z",
      "manager.partner = a@b",
      "nodename=x@y ",
      "broken",
    ),
    fc.constantFrom(
      "manager.partner=q@r # why",
      " manager.partner  =\tq@r",
      "x = \u00e9;1",
      "manager.partner =",
    ),
  );
  const newline = fc.constantFrom("\n", "\r\n");
  const file = fc
    .tuple(fc.array(fc.tuple(line, newline), { maxLength: 8 }), fc.boolean())
    .map(([lines, open]) =>
      lines.map(([text, end], at) => text + (open && at === lines.length - 1 ? "" : end)).join(""),
    );
  const node = fc
    .tuple(fc.stringMatching(/^[a-z0-9_]{1,9}$/), fc.stringMatching(/^[a-z0-9.-]{1,12}$/))
    .map(([name, host]) => `${name}@${host}`);

  test("afterwards the wanted value is in effect, and changing it again changes nothing", () => {
    fc.assert(
      fc.property(file, node, (text, wanted) => {
        const once = setValue(text, "manager.partner", wanted).text;
        expect(value(once, "manager.partner")).toBe(wanted);
        expect(setValue(once, "manager.partner", wanted).text).toBe(once);
      }),
    );
  });

  test("every other line keeps its bytes", () => {
    fc.assert(
      fc.property(file, node, (text, wanted) => {
        const change = setValue(text, "manager.partner", wanted);
        const [old, now] = [text.split("\n"), change.text.split("\n")];
        if (change.before === undefined) expect(change.text.startsWith(text)).toBe(true);
        else {
          expect(now.length).toBe(old.length);
          old.forEach((bytes, index) => {
            if (index !== change.line - 1) expect(now[index]).toBe(bytes);
          });
        }
      }),
    );
  });
});

describe("why a partner would not take effect", () => {
  const problems = (text: string, override = "") =>
    partnerProblems(effectiveConf(text, [{ path: "etc/leo_manager.d/a.conf", text: override }]), WANTED);

  test.each([CONF, "x = 1\n", `manager.partner = ${WANTED} # the slave\n`])(
    "nothing to say about %j",
    (text) => {
      expect(problems(text)).toEqual([]);
      expect(problems(text, "manager.partner = x@y\n")).toEqual([]);
    },
  );

  test.each([
    ["manager.partner =", /line 1 gives manager.partner no value.*starts with the old one/],
    [
      `\ufeff# written elsewhere\nmanager.partner = ${WANTED}`,
      /line 1 begins with a byte order mark.*without BOM/,
    ],
    ...["; note = 1", "// note = 1", "export KEY=b", "nodename\u00a0= a@b", "a..b = 1", "é = 1"].map(
      (line): [string, RegExp] => [
        `manager.partner = ${WANTED}\n${line}`,
        /line 2 begins with ".*", which is no key .*put a # before it/,
      ],
    ),
    [`manager.partner = ${WANTED}\n\u00a0`, /line 2 has no `=`/],
    [`manager.partner = ${WANTED}\noops`, /line 2 has no `=`.*put a # before it/],
    [`manager.partner = ${WANTED}\nnodename = ${WANTED}`, /own node name/],
  ])("%j", (text, message) => {
    expect(problems(text)).toEqual([expect.stringMatching(message)]);
  });

  test("a line of an override that LeoFS cannot read", () => {
    expect(problems(CONF, "oops\n")).toEqual([
      expect.stringMatching(/^etc\/leo_manager.d\/a.conf line 1 has no `=`/),
    ]);
  });

  test("a wanted partner that is not a node name", () => {
    expect(partnerProblems(effectiveConf(CONF), "a b")).toEqual([
      expect.stringMatching(/is not a node name; it must look like/),
    ]);
  });
});
