import { describe, expect, test } from "vitest";
import type { NodeRing, Ring } from "../../../../leofs/manager/rings";
import { oddBefore, oddNow, ringPlan, ringSteps } from "../../../../leofs/pair/rings";
import { storage } from "../../support/views";

const RIGHT: Ring = ["433fe365", "433fe365"];
const WRONG: Ring = ["0badcafe", "433fe365"];
const node = (name: string, ring: Ring): NodeRing => ({ node: name, ring });
const state = { type: "storage" as const, state: "running", answers: true };

describe("a ring that was wrong before the incident", () => {
  const nodes = [
    { node: "storage_0@a", ...state, ring: RIGHT },
    { node: "storage_1@b", ...state, ring: WRONG },
    { node: "storage_2@c", ...state },
  ];

  test("is told by what was noted with the dump", () => {
    expect([...oddBefore({ ring: RIGHT, nodes })]).toEqual([["storage_1@b", "0badcafe/433fe365"]]);
    expect([...oddBefore({ nodes })].map(([name]) => name)).toEqual(["storage_0@a", "storage_1@b"]);
    expect([...oddBefore({ ring: RIGHT })]).toEqual([]);
  });

  test.each<[string, NodeRing[], { new: string[]; asBefore: string[] }]>([
    ["mended meanwhile", [node("storage_1@b", RIGHT)], { new: [], asBefore: [] }],
    ["as it was", [node("storage_1@b", WRONG)], { new: [], asBefore: ["storage_1@b"] }],
    ["another one", [node("storage_1@b", ["11111111", "433fe365"])], { new: ["storage_1@b"], asBefore: [] }],
    ["of a node that was right", [node("storage_0@a", WRONG)], { new: ["storage_0@a"], asBefore: [] }],
  ])("%s", (_, now, wanted) => {
    const odd = oddNow(RIGHT, now, oddBefore({ ring: RIGHT, nodes }));
    expect({ new: odd.new.map((one) => one.node), asBefore: odd.asBefore.map((one) => one.node) }).toEqual(
      wanted,
    );
  });

  test("has LeoFS's own command as its next step, but not where the managers have none themselves", () => {
    expect(ringSteps(RIGHT, ["storage_1@b"])).toEqual([
      'storage_1@b had another ring before too: "leofs-adm recover-ring storage_1@b"',
    ]);
    expect(ringSteps(undefined, ["storage_0@a"])).toEqual([
      expect.stringMatching(/the managers have no ring, as before, .*do not run leofs-adm start/),
    ]);
    expect(ringSteps(RIGHT, [])).toEqual([]);
  });

  test("is in the plan", () => {
    const facts = [
      { ...storage("storage_0"), ring: RIGHT },
      { ...storage("storage_1"), ring: WRONG },
    ];
    expect(ringPlan({ ring: RIGHT, nodes: facts })).toEqual([
      expect.stringMatching(
        /^ {2}ring before: 433fe365\/433fe365 on the managers; 1 of 2 nodes have another one \(storage_1\S* 0badcafe\/433fe365\)$/,
      ),
    ]);
    expect(ringPlan({ ring: RIGHT, nodes: facts.slice(0, 1) })).toEqual([
      "  ring before: 433fe365/433fe365 on the managers and every running node",
    ]);
    expect(ringPlan(undefined)).toEqual([]);
  });
});
