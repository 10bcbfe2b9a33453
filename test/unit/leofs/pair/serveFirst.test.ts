import { expect, test } from "vitest";
import { atom, type Term, textOf } from "../../../../leofs/erlang/term";
import { serveFirst } from "../../../../leofs/pair/serveFirst";
import type { Clock } from "../../../../remote/clock";
import type { Host } from "../../../../remote/host";
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
      { lost },
    );
  await expect(served(SLAVE)).rejects.toThrow(
    `${NEW} runs, and it does not get its tables from that one. Nothing was changed. It waits for the manager that was the last to run. If ${SLAVE} was, have that one run until ${MASTER} serves; else see why`,
  );
  await expect(served()).rejects.toThrow(/Nothing was changed\. See why in log\/app\/error of both/);
});

test("one that waits for a replica that was only begun is told that it is down, and started again", async () => {
  const clock = ownClock();
  const did: string[] = [];
  let told = false;
  const of = (node: string) => {
    const serving = view({ node });
    const waiting = view({ node, state: "waiting" });
    const { manager } = waiting;
    const run: Host["run"] = async ({ name }) => {
      did.push(`${name} ${node}`);
      return { code: 0, stdout: "@= exists yes\n", stderr: "" };
    };
    return Object.assign(Object.create(manager) as typeof manager, {
      host: Object.assign(Object.create(manager.host), { clock, run }),
      evidence: async () => (told ? serving : waiting).evidence,
      ask: async ({ name }: { name: string }, { Down }: Record<string, Term>) => {
        did.push(`${name} ${textOf(Down)}`);
        told = true;
        return atom("ok");
      },
      start: async () => did.push(`start ${node}`),
      runs: async () => false,
    });
  };
  const unfit = async () => " or the lost manager";
  const served = (unmade: boolean) => serveFirst(of(SLAVE), of(NEW), unfit, () => undefined, { unmade });
  await expect(served(false)).rejects.toThrow(`${SLAVE} does not serve, and waits for ${NEW} or the lost`);
  did.length = 0;
  expect(await served(true)).toBe(true);
  expect(did).toEqual([
    `start ${SLAVE}`,
    `list directory ${NEW}`,
    `start ${SLAVE}`,
    `note down ${NEW}`,
    `stop ${SLAVE}`,
    `start ${SLAVE}`,
  ]);
});
