import { describe, expect, test } from "vitest";
import { ACCEPTABLE, accepting, fact, hazard, refusalText, refuse } from "../../../../leofs/checks/findings";

const FOUND = [refuse("rebalance", "a rebalance runs."), refuse("cookie", "cookies differ."), fact("x", "y")];

describe("refusals", () => {
  test("none, no text; hazards and facts refuse nothing", () => {
    expect(refusalText("the takeover", [hazard("rebalance", "a"), fact("b", "c")])).toBeUndefined();
  });

  test("all are named at once, with the way on only where there is one", () => {
    expect(refusalText("the takeover of production", FOUND)).toBe(
      "the takeover of production is refused, nothing was changed:\n" +
        "  - a rebalance runs. [to go on all the same: accept: [rebalance]]\n" +
        "  - cookies differ.",
    );
  });

  test("those accepted by name become hazards, in place", () => {
    expect(accepting(FOUND, ["rebalance"])).toEqual([
      hazard("rebalance", "a rebalance runs. (accepted in the settings)"),
      FOUND[1],
      FOUND[2],
    ]);
  });

  test("only what is acceptable can be accepted, so a living manager is never overruled", () => {
    const never = ["cookie", "lostAnswers", "survivorTables", "version", "backupSpace", "mnesiaLink"];
    expect(never.filter((name) => (ACCEPTABLE as readonly string[]).includes(name))).toEqual([]);
    const refusals = never.map((name) => refuse(name, name));
    expect(accepting(refusals, [...never, "all", "*"])).toEqual(refusals);
  });
});
