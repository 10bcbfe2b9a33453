import { expect, test } from "vitest";
import type { ManagerTarget } from "../../../providers/arguments";
import { holdLock, releaseLock } from "../../../providers/pairLock";
import type { Progress } from "../../../providers/progress";
import { Session } from "../../../providers/session";
import type { Surroundings } from "../../../providers/surroundings";
import { labelOf } from "../../../remote";
import type { ConnectionArgs } from "../../../remote/connection";
import type { Host } from "../../../remote/host";

/** A manager of one of two sites, whose networks have the same addresses: what tells them apart is the way there. */
const managerBehind = (jump: string): ManagerTarget => ({
  node: "manager_0@10.0.0.11",
  home: "/usr/local/leofs/current/leo_manager_0",
  connection: { host: "10.0.0.11", proxy: { host: jump } },
  backupDirectory: "/backups",
});
const SITES = ["jump.tokyo", "jump.osaka"].map(managerBehind) as [ManagerTarget, ManagerTarget];

/** Hosts that keep their locks, and say who they are. */
function sites(): { surroundings: Surroundings; locked: Set<string> } {
  const locked = new Set<string>();
  const surroundings = {
    clock: { now: () => 0, limit: () => new Promise(() => undefined) },
    connect: (connection: ConnectionArgs) => ({ label: labelOf(connection), connected: true }),
    manager: async (host: Host) => ({ host, place: { host } }),
    acquireLock: async ({ label }: Host) => {
      locked.add(label);
      return { verify: async () => undefined, release: async () => void locked.delete(label), gone: [] };
    },
  } as unknown as Surroundings;
  return { surroundings, locked };
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
