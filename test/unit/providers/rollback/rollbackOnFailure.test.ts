import { expect, test } from "vitest";
import { orRollBack } from "../../../../providers/rollback/rollbackOnFailure";
import { Session } from "../../../../providers/session/session";
import { RemoteError } from "../../../../remote/errors";

const lost = new RemoteError("closed", "leofs@10.0.0.11:22", "the connection was closed");

test.each<[string, Error]>([
  ["in its own words", lost],
  [
    "in those of a step that took back what it had begun",
    new Error(`not whole: ${lost.message}`, { cause: lost }),
  ],
])("onFailure: rollback does not act on a host that was lost, %s", async (_, failure) => {
  // Neither a host nor a progress is touched.
  const nothing = {} as never;
  const inputs = { cluster: "production", incident: "fault", onFailure: "rollback" } as const;
  const done = orRollBack(new Session(), inputs, nothing, nothing, () => Promise.reject(failure));
  await expect(done).rejects.toBe(failure);
});
