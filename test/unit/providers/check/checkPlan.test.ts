import { expect, test } from "vitest";
import { entries } from "../../../../leofs/incident/entries";
import { checkPlan } from "../../../../providers/check/checkPlan";
import type { RecoveryCheckInputs } from "../../../../providers/check/recoveryCheckTypes";
import type { Session } from "../../../../providers/session/session";
import type { ManagerTarget } from "../../../../providers/targets/arguments";
import { MASTER, SLAVE, view } from "../../support/views";

const managers = [MASTER, SLAVE].map((node) => ({ node, backupDirectory: "/b" })) as [
  ManagerTarget,
  ManagerTarget,
];
const inputs = {
  cluster: "production",
  incident: "one",
  managers,
  recovery: { kind: "takeover", lost: "manager_9@host9" },
  accept: [],
  choice: { good: 0, master: 0, why: "it is the survivor" },
} as unknown as RecoveryCheckInputs;

const CHECKED = [entries.check.name];
const UNDER_WAY = [...CHECKED, entries.dump.name];

/** Whether a check that an earlier run passed is made again, by what each host notes; undefined: it does not answer. */
async function again(...journals: [one?: string[], other?: string[]]): Promise<boolean | undefined> {
  const glance = async ({ node }: ManagerTarget) => {
    const done = journals[node === MASTER ? 0 : 1];
    return done ? { seen: view({ node, done }) } : { problem: "it does not answer" };
  };
  const session = { glance, glanceAt: async () => ({ seen: undefined }) } as unknown as Session;
  return (await checkPlan(session, inputs, inputs)).computed.again;
}

test("one host that notes nothing beyond the check is enough to check again, also where the other is slow", async () => {
  expect(await again(CHECKED, undefined)).toBe(true);
  expect(await again(undefined, CHECKED)).toBe(true);
});

test("a recovery that is under way where it can be seen is not checked again, nor one of which nothing is seen", async () => {
  expect(await again(UNDER_WAY, undefined)).toBe(false);
  expect(await again(undefined, undefined)).toBe(false);
});
