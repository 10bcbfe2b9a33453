import { expect, test } from "vitest";
import { list, tuple } from "../../../../leofs/erlang/terms";
import type { Manager } from "../../../../leofs/manager/manager";
import { takenBack } from "../../../../leofs/pair/takeOut";

/** A serving manager that answers the first questions with no replica anywhere, and then no more. */
function serving(answers: number): Manager {
  let asked = 0;
  const ask: Manager["ask"] = async () => {
    asked += 1;
    if (asked > answers) throw new Error("no answer within 30 s");
    return tuple(list([]), list([]), list([]));
  };
  return { ask, spec: { node: "manager_1@10.0.0.12" } } as Manager;
}

test.each([
  [
    0,
    /^manager_2@\S+ could not be taken out of the tables of manager_1@\S+ again \(no answer within 30 s\)\.$/,
  ],
  [1, /^manager_2@\S+ was taken out of the tables of manager_1@\S+ again, which does not answer any more/],
  [2, /^manager_1@\S+ serves as before, without manager_2@\S+\.$/],
])(
  "a replica that failed is told by its own reason, also where the serving manager answers %i questions",
  async (answers, told) => {
    const said = takenBack(serving(answers), "manager_2@10.0.0.13", undefined, () => undefined);
    expect(await said).toMatch(told);
  },
);
