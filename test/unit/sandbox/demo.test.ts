import { describe, expect, it } from "vitest";
import { UsageError, understand } from "../../../sandbox/demo/arguments";
import { differences, strays, type View } from "../../../sandbox/demo/proof";
import { Screen } from "../../../sandbox/demo/screen";
import { showPlan } from "../../../sandbox/demo/show";

describe("the demo's command line", () => {
  it("has a default for everything", () => {
    expect(understand([])).toEqual({
      recovery: "takeover",
      side: "master",
      method: "offline",
      adm: "shipped",
      layout: "plain",
      nodes: false,
      fast: false,
      keep: false,
    });
    expect(understand(["in-place", "--side", "slave", "--keep", "--json", "f", "--directory", "d"])).toEqual({
      recovery: "in-place",
      side: "slave",
      method: "offline",
      adm: "shipped",
      layout: "plain",
      nodes: false,
      fast: false,
      keep: true,
      json: "f",
      directory: "d",
    });
    expect(understand(["--help", "takeover"])).toBe("help");
  });

  it.each([
    [["--bogus"], "Unknown option '--bogus'"],
    [["sideways"], 'the case is takeover or in-place, not "sideways"'],
    [["takeover", "in-place"], "one case at a time"],
    [["--side", "left"], "--side is master or slave"],
    [["--adm", "x"], "--adm is shipped or documented"],
    [["--json", ""], "--json needs a path"],
  ])("says what is wrong with %j", (argv, message) => {
    expect(() => understand(argv)).toThrow(UsageError);
    expect(() => understand(argv)).toThrow(message);
  });
});

const screen = (columns: number, colours = false) => {
  const written: string[] = [];
  const made = new Screen({ write: (text) => void written.push(text), columns, colours });
  return { made, text: () => written.join("") };
};

describe("the demo's screen", () => {
  it("wraps behind the label and shortens what is long", () => {
    const { made, text } = screen(60);
    made.shorten("/a/long/directory", "DIR");
    made.line("label", "one two three four five six seven eight nine /a/long/directory/file", 8);
    expect(text()).toBe("   label     one two three four five six seven eight nine\n             DIR/file\n");
  });

  it("has colours only where they are wanted", () => {
    const [plain, coloured] = [screen(80), screen(80, true)];
    for (const { made } of [plain, coloured]) made.line("a", "text", 2, "bad");
    expect(plain.text()).toBe("   a   text\n");
    expect(coloured.text()).toBe("   a   \x1b[31;1mtext\x1b[0m\n");
  });

  it("shows a plan as it is said, with what stops it in red", () => {
    const { made, text } = screen(100, true);
    showPlan(made, {
      result: undefined,
      operations: {},
      changes: { create: 2 },
      seconds: 1,
      outputs: {},
      plans: ["WOULD BE REFUSED: why\n\n1. check\n     detail"],
    });
    const lines = text().split("\n");
    expect(lines[0]).toContain("\x1b[31;1mWOULD BE REFUSED: why");
    expect(lines[2]).toContain("\x1b[1m1. check");
    expect(lines[3]).toBe("        detail");
  });
});

describe("the demo's proof", () => {
  const before: View = { node: "a@1", users: ["u1", "u2"], buckets: ["b"], endpoints: [], ring: "00ff00ff" };

  it("names every row that is gone or too much, and another ring", () => {
    expect(differences(before, { ...before, node: "b@1" })).toEqual([]);
    expect(differences(before, { ...before, node: "b@1", users: ["u2", "u3"], ring: "1" })).toEqual([
      "b@1 lacks of users: u1",
      "b@1 has too much of users: u3",
      "b@1 has ring 1, it was 00ff00ff",
    ]);
  });

  it("names nodes that follow others, or do not answer", () => {
    const followers = { s0: ["b", "a"], s1: ["a", "lost"], g0: undefined };
    expect(strays(followers, ["a", "b"])).toEqual(["s1 follows a and lost", "g0 follows nobody: no answer"]);
  });
});
