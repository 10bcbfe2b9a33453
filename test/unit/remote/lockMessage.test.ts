import { expect, it } from "vitest";
import { lockedMessage } from "../../../remote/lock/lockMessage";

const halfWay = (incident: string) =>
  lockedMessage([
    {
      host: "root@10.0.0.12",
      path: "/home/work/leofs-recovery.lock",
      ageMs: 9_000,
      unfinished: "its journal says clear.manager_1 done",
      holder: { incident, run: "r", who: "root@vm", pid: 1, machine: "m", since: "2026-11-27T06:49:00.000Z" },
    },
  ]);

it("names the cluster as the settings had it, since under another name nothing would be known of the incident", () => {
  expect(halfWay("production/two")).toContain(
    "Finish it (under the name production in the settings, as then, with incident: two, pulumi up) or undo it (the same with rollback: true).",
  );
});

it("names the incident alone where the lock names no cluster", () => {
  expect(halfWay("outage-1")).toContain("Finish it (incident: outage-1, pulumi up) or undo it");
});
