import { outageOf, type Report, timelineOf } from "../../../../cli/report/report";
import type { Noted } from "../../../../leofs/incident/journal";

/** What an attacker, or an odd cluster, would put where a name or a message stands. */
const NASTY = `<script>alert(1)</script>"'\`|\u202e&<img src=x onerror=alert(1)>`;

const STOP = Date.parse("2026-11-22T03:00:00Z") / 1000;

/** A journal as a takeover leaves it: noted by the hosts' and the operator's clocks. */
export const journal: Noted = {
  begun: new Map([["stop.manager_1@10.0.0.12", { epoch: STOP }]]),
  done: new Map<string, Record<string, unknown>>([
    ["guard", { at: "2026-11-22T02:59:40.000Z", why: NASTY }],
    ["dump", { at: "2026-11-22T02:59:50.000Z", path: "/backups/dump" }],
    ["stop.manager_1@10.0.0.12", { epoch: STOP + 3 }],
    ["clear.manager_1@10.0.0.12", { at: "2026-11-22T03:00:05.000Z", aside: "/srv/mnesia.lost" }],
    ["load", { at: "2026-11-22T03:00:12.000Z" }],
    ["proven", { at: "2026-11-22T03:00:15.000Z", outageSeconds: 15 }],
  ]),
};

/** A report with everything in it, in each place a text that must stay a text. */
export function someReport(nodes = 3): Report {
  const outage = outageOf([journal], 15);
  const follows = ["manager_0@10.0.0.11", "manager_1@10.0.0.12"];
  const pair = { node: "manager_1@10.0.0.12", state: "slave, serves", serves: true };
  const all = (of: string[]) =>
    Array.from({ length: nodes }, (_, at) => ({
      node: `storage_${at}@10.0.1.${at}`,
      type: "storage",
      follows: of,
    }));
  return {
    cluster: "production",
    incident: `manager-0-lost ${NASTY}`,
    what: "takeover of manager_0@10.0.0.11, offline",
    outcome: {
      verdict: "recovered",
      provenAt: "2026-11-22T03:00:15.000Z",
      outageSeconds: 15,
      evidence: ["manager_1@10.0.0.12 and manager_2@10.0.0.13 hold the same rows", NASTY],
      backups: { dump: { path: `/backups/${NASTY}`, node: "manager_1@10.0.0.12", bytes: 1, digest: "ab" } },
      debt: [NASTY],
      nextSteps: [`on the host of storage_0: set "managers = [${"manager@10.0.0.1, ".repeat(12)}]"`, NASTY],
    },
    outage,
    before: {
      managers: [{ node: "manager_0@10.0.0.11", state: "gone", serves: false }, pair],
      nodes: all(follows),
    },
    after: {
      managers: [pair, { node: `manager_2@${"x".repeat(80)}`, state: NASTY, serves: true }],
      nodes: all(["manager_1@10.0.0.12"]),
    },
    timeline: timelineOf([journal, journal], outage),
    gaps: [],
    writtenAt: "2026-11-22T03:10:00.000Z",
  };
}
