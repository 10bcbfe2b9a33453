import { describe, expect, test } from "vitest";
import {
  accepting,
  type CheckList,
  examine,
  type Finding,
  refusalText,
} from "../../../../leofs/checks/check";
import { ACCEPTABLE, CHECKS } from "../../../../leofs/checks/table";

const found = (name: string, level: Finding["level"], acceptable = false): Finding => ({
  name,
  level,
  text: `${name}.`,
  acceptable,
});
const FOUND = [found("rebalance", "refuse", true), found("cookie", "refuse"), found("nodes", "fact")];

describe("a list of checks", () => {
  const list: CheckList<number> = {
    of: "a number",
    checks: [
      { name: "negative", decides: true, test: (n) => (n < 0 ? "it is below 0" : undefined) },
      { name: "odd", level: "hazard", accept: "never", test: (n) => (n % 2 === 1 ? ["odd", "quite"] : []) },
      { name: "large", accept: "I know", test: (n) => (n > 9 ? "it is large" : undefined) },
    ],
  };

  test("says all that is found, each text for itself, with the check's name and level", () => {
    expect(examine(list, 11)).toEqual([
      { name: "odd", level: "hazard", text: "odd", acceptable: true },
      { name: "odd", level: "hazard", text: "quite", acceptable: true },
      { name: "large", level: "refuse", text: "it is large", acceptable: true },
    ]);
    expect(examine(list, 2)).toEqual([]);
  });

  test("ends with the check that decides", () => {
    expect(examine(list, -1).map(({ name }) => name)).toEqual(["negative"]);
  });
});

describe("refusals", () => {
  test("none, no text; hazards and facts refuse nothing", () => {
    const harmless = [found("rebalance", "hazard", true), found("nodes", "fact")];
    expect(refusalText("the takeover", harmless)).toBeUndefined();
  });

  test("all are named at once, with the way on only where there is one", () => {
    expect(refusalText("the takeover of production", FOUND)).toBe(
      "the takeover of production is refused, nothing was changed on any host:\n" +
        "  - rebalance. [to go on all the same: accept: [rebalance]]\n" +
        "  - cookie.",
    );
  });

  test("those accepted by name become hazards, in place", () => {
    expect(accepting(FOUND, ["rebalance"])).toEqual([
      { ...FOUND[0], level: "hazard", text: "rebalance. (accepted in the settings)" },
      FOUND[1],
      FOUND[2],
    ]);
  });

  test("only what is acceptable can be accepted", () => {
    expect(accepting(FOUND, ["cookie", "all", "*"])).toEqual(FOUND);
  });
});

describe("the table of checks", () => {
  test("names each check once, so that what is accepted is what was meant", () => {
    const names = CHECKS.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  test("lets refusals be accepted and nothing else", () => {
    const levels = CHECKS.filter(({ accept }) => accept).map(({ level = "refuse" }) => level);
    expect(new Set(levels)).toEqual(new Set(["refuse"]));
  });

  test("lets nobody overrule a living manager, or what would lose the only data", () => {
    const never = [
      "cookie",
      "lostAnswers",
      "lostRuns",
      "survivorTables",
      "version",
      "backupSpace",
      "mnesiaLink",
    ];
    expect(never.filter((name) => ACCEPTABLE.has(name))).toEqual([]);
    expect(CHECKS.map(({ name }) => name)).toEqual(expect.arrayContaining(never));
  });
});
