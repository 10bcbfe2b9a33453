import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Progress } from "../../../../providers/contract/progress";
import { lookAhead } from "../../../../providers/session/ahead";
import { abandonLock, holdLock, leaveLocks, releaseLock } from "../../../../providers/session/pairLock";
import { Session } from "../../../../providers/session/session";
import type { Surroundings } from "../../../../providers/session/surroundings";
import type { ManagerTarget } from "../../../../providers/targets/arguments";
import type { ConnectionArgs } from "../../../../remote/connection";
import { labelOf } from "../../../../remote/connection";
import type { Host } from "../../../../remote/host";

/** A manager of one of two sites, whose networks have the same addresses: what tells them apart is the way there. */
const managerBehind = (jump: string): ManagerTarget => ({
  node: "manager_0@10.0.0.11",
  home: "/usr/local/leofs/current/leo_manager_0",
  connection: { host: "10.0.0.11", proxy: { host: jump } },
  backupDirectory: "/backups",
});
const SITES = ["jump.tokyo", "jump.osaka"].map(managerBehind) as [ManagerTarget, ManagerTarget];

/**
 * Hosts that keep their locks, and say who they are.
 *
 * @param noted whether they have a journal of the incident. Default: none
 */
function sites(noted = false): { surroundings: Surroundings; locked: Set<string>; abandoned: string[] } {
  const locked = new Set<string>();
  const abandoned: string[] = [];
  const surroundings = {
    clock: { now: () => 0, limit: () => new Promise(() => undefined) },
    connect: (connection: ConnectionArgs) => ({
      label: labelOf(connection),
      connected: true,
      run: async () => ({ code: 0, stdout: noted ? "something\n" : "nothing\n", stderr: "" }),
    }),
    manager: async (host: Host) => ({ host, place: { host, directory: "/backups/one" } }),
    acquireLock: async ({ label }: Host) => {
      locked.add(label);
      return {
        verify: async () => undefined,
        release: async () => void locked.delete(label),
        abandon: async () => void abandoned.push(label),
        quiet: async () => true,
        gone: [],
      };
    },
  } as unknown as Surroundings;
  return { surroundings, locked, abandoned };
}

test("two hosts of one address behind two jump hosts are two: each is looked at", async () => {
  const session = new Session(sites().surroundings);
  const looks = SITES.map((target) =>
    session.glanceAt(target, ["who"], async () => session.hostOf(target).label),
  );
  const seen = SITES.map(({ connection }) => ({ seen: labelOf(connection) }));
  expect(await Promise.all(looks)).toEqual(seen);
});

test("each has a lock of its own, whichever is given back first", async () => {
  const { surroundings, locked } = sites();
  const session = new Session(surroundings);
  const progress = { step: () => undefined } as unknown as Progress;
  for (const [index, target] of SITES.entries())
    await holdLock(session, [target], { cluster: `c${index}`, incident: "one" }, progress);
  const [tokyo, osaka] = SITES.map(({ connection }) => labelOf(connection));
  expect([...locked]).toEqual([tokyo, osaka]);
  await releaseLock(session, [SITES[0]]);
  expect([...locked]).toEqual([osaka]);
});

test.each([
  ["its check refused", (session: Session) => abandonLock(session, SITES)],
  ["its run ends", (session: Session) => leaveLocks(session, new Set())],
])("once an incident noted something, %s: its locks stay, as of one that is gone", async (_, leave) => {
  const progress = { step: () => undefined } as unknown as Progress;
  for (const noted of [false, true]) {
    const { surroundings, locked, abandoned } = sites(noted);
    const session = new Session(surroundings);
    await holdLock(session, SITES, { cluster: "one", incident: "lost" }, progress);
    await leave(session);
    const labels = SITES.map(({ connection }) => labelOf(connection)).sort();
    expect([...locked].sort()).toEqual(noted ? labels : []);
    expect(abandoned.sort()).toEqual(noted ? labels : []);
  }
});

test("a manager that two clusters of one program name is worked on for one of them only", async () => {
  const { surroundings, locked } = sites();
  const session = new Session(surroundings);
  const progress = { step: () => undefined } as unknown as Progress;
  await holdLock(session, [SITES[0]], { cluster: "one", incident: "lost" }, progress);
  await holdLock(session, [SITES[0]], { cluster: "one", incident: "lost" }, progress);
  await expect(holdLock(session, SITES, { cluster: "two", incident: "lost" }, progress)).rejects.toThrow(
    /is worked on for one\/lost in this very run, so nothing was done to it for two\/lost: .* in two clusters/,
  );
  expect([...locked]).toEqual([labelOf(SITES[0].connection)]);
});

test("a look is shared for half a minute while nothing was made, and for 4 s once something was", async () => {
  let now = 0;
  const { surroundings } = sites();
  const clock = { now: () => now, limit: () => new Promise(() => undefined) };
  const session = new Session({ ...surroundings, clock } as unknown as Surroundings);
  let looks = 0;
  const glance = () => session.glanceAt(SITES[0], ["what"], async () => (looks += 1));
  for (const [at, seen] of [
    [0, 1],
    [29_999, 1],
    [30_000, 2],
    [33_999, 2],
  ] as const) {
    now = at;
    expect(await glance()).toEqual({ seen });
  }
  session.made.add("another");
  expect(await glance()).toEqual({ seen: 2 });
  now = 34_000;
  expect(await glance()).toEqual({ seen: 3 });
});

test("pairs whose checks come later are looked at side by side, and their checks find these looks", async () => {
  const asked: string[] = [];
  const { surroundings } = sites();
  const manager = (host: Host) => {
    asked.push(host.label);
    return new Promise(() => undefined);
  };
  const session = new Session({ ...surroundings, manager } as unknown as Surroundings);
  const pairs = ["a", "b"].map((cluster) => ({
    ...{ cluster, incident: "one" },
    managers: [managerBehind(`${cluster}1`), managerBehind(`${cluster}2`)] as const,
  }));
  lookAhead(session, pairs);
  await turn();
  const labels = pairs.flatMap(({ managers }) => managers.map(({ connection }) => labelOf(connection)));
  expect(asked).toEqual(labels);
  void session.glance(pairs[1]!.managers[0], pairs[1]!);
  await turn();
  expect(asked).toEqual(labels);
});
