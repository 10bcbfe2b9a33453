import { describe, expect, test } from "vitest";
import { strays } from "../../../../leofs/pair/followers";
import { MASTER, NEW, SLAVE, storage } from "../../support/views";

describe("nodes that follow others", () => {
  test.each<[string, string[] | undefined, boolean, boolean]>([
    ["the pair", [MASTER, SLAVE], true, false],
    ["the old pair", [MASTER, NEW], true, true],
    ["the pair in the other order", [SLAVE, MASTER], true, true],
    ["nobody", [], true, true],
    ["somebody unknown, because it does not answer", undefined, false, false],
  ])("%s", (_, follows, answers, stray) => {
    const node = { ...storage("storage_0"), follows, answers };
    expect(strays([node], [MASTER, SLAVE])).toEqual(stray ? [node] : []);
  });
});
