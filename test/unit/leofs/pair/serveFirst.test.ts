import { expect, test } from "vitest";
import { serveFirst } from "../../../../leofs/pair/serveFirst";
import type { Clock } from "../../../../remote/clock";
import { MASTER, NEW, SLAVE, view } from "../../support/views";

/** Time that passes by waiting for it. */
function ownClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    stamp: () => new Date(now).toISOString(),
    pause: async (milliseconds) => {
      now += milliseconds;
    },
    limit: () => new Promise(() => undefined),
  };
}

test("a manager whose Mnesia has stopped by itself is not helped by the other one: it must be started again", async () => {
  const clock = ownClock();
  const started: string[] = [];
  const of = (node: string) => {
    const { manager, evidence } = view({ node });
    const stopped = { ...evidence!, mnesia: "no", tables: new Map() };
    return Object.assign(Object.create(manager) as typeof manager, {
      host: Object.assign(Object.create(manager.host), { clock }),
      evidence: async () => stopped,
      start: async () => started.push(node),
    });
  };
  const served = serveFirst(
    of(SLAVE),
    of(MASTER),
    async () => " or the lost manager",
    () => undefined,
  );
  await expect(served).rejects.toThrow(
    /^manager_1\S+ runs without Mnesia .*disc is full, then stop it \(\S+ stop\)\. Nothing was changed\. Start it \(\S+ start\), then run pulumi up again\.$/,
  );
  expect(started).toEqual([SLAVE]);
});

test("one that waits for the manager that moves, while the other one runs in vain, says whom to have run", async () => {
  const clock = ownClock();
  const of = (node: string) => {
    const { manager, evidence } = view({ node, state: "waiting" });
    return Object.assign(Object.create(manager) as typeof manager, {
      host: Object.assign(Object.create(manager.host), { clock }),
      evidence: async () => evidence,
      start: async () => undefined,
      runs: async () => true,
    });
  };
  const served = (lost?: string) =>
    serveFirst(
      of(MASTER),
      of(NEW),
      async () => undefined,
      () => undefined,
      lost,
    );
  await expect(served(SLAVE)).rejects.toThrow(
    `${NEW} runs, and it does not get its tables from that one. Nothing was changed. It waits for the manager that was the last to run. If ${SLAVE} was, have that one run until ${MASTER} serves; else see why`,
  );
  await expect(served()).rejects.toThrow(/Nothing was changed\. See why in log\/app\/error of both/);
});
