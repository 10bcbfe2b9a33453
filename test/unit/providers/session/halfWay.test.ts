import { expect, test } from "vitest";
import type { ManagerView } from "../../../../leofs/checks/view";
import { LATE_TABLES } from "../../../../leofs/mnesia/tables";
import { halfWay } from "../../../../providers/session/halfWay";
import type { Session } from "../../../../providers/session/session";
import type { ManagerTarget } from "../../../../providers/targets/arguments";
import { MASTER, SLAVE, view } from "../../support/views";

const targets = [MASTER, SLAVE].map((node) => ({ node, backupDirectory: "/b" })) as [
  ManagerTarget,
  ManagerTarget,
];

/** Both were cleared for a takeover, and serve again; `begun` and `done`: what was noted of the load. */
async function said(
  { begun = [], done = [] }: { begun?: string[]; done?: string[] },
  change?: (view: ManagerView) => void,
): Promise<string | undefined> {
  const views = new Map(
    [MASTER, SLAVE].map((node) => {
      const seen = view({ node, begun, done: [`clear.${node}`, ...done] }, change);
      seen.journal.done.set(`clear.${node}`, { directory: "/m", aside: "/m.one" });
      return [node, seen];
    }),
  );
  const session = { glance: async ({ node }: ManagerTarget) => ({ seen: views.get(node) }) };
  return halfWay(session as unknown as Session, targets, { cluster: "production", incident: "one" });
}

test("a pair that is not loaded yet, one whose load was begun, and one that has its data are told apart", async () => {
  expect(await said({})).toContain(`${MASTER} serves new tables, without the data: it is not put back yet`);
  expect(await said({ begun: ["load"] })).toContain(
    `${MASTER} serves; the load of the data was begun, and that all of it is back was not seen yet`,
  );
  expect(await said({ begun: ["load"], done: ["load"] })).toContain(`${MASTER} serves; ${SLAVE} serves.`);
});

test("users are served before LeoFS has made its last tables", async () => {
  const early = await said({ begun: ["load"] }, ({ evidence }) => {
    for (const name of LATE_TABLES) evidence!.tables.delete(name);
  });
  expect(early).not.toContain("NO MANAGER SERVES");
  expect(early).toContain("the load of the data was begun");
});
