import type { Sandbox } from "../../../sandbox";
import type { Role } from "../../../sandbox/describe";
import { inPlaceSettings, moveSettings, takeoverSettings } from "../../../sandbox/stackSettings";

/** The eight recoveries: by which method, which kind, and which manager it is that is lost or damaged; and the two moves. */
export const SCENARIOS = [
  "takeover-master",
  "takeover-slave",
  "in-place-master",
  "in-place-slave",
  "online-takeover-master",
  "online-takeover-slave",
  "online-in-place-master",
  "online-in-place-slave",
  "move-master",
  "move-slave",
] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const INCIDENT = "fault";
export const CLUSTER = "production";

const roleOf = (scenario: Scenario): Role => (scenario.endsWith("master") ? "master" : "slave");
const isMove = (scenario: Scenario): boolean => scenario.startsWith("move");
/** A fresh manager takes the place of another one. */
export const isTakeover = (scenario: Scenario): boolean => scenario.includes("takeover") || isMove(scenario);
/** The good manager serves all the time. */
export const isOnline = (scenario: Scenario): boolean => scenario.startsWith("online") || isMove(scenario);

/** The managers of a recovery by name: who has the data, and who is made from it. */
export interface Parts {
  good: string;
  other: string;
  /** Who is alive and moves: `other` takes its place. */
  from?: string;
}

/** Brings a fresh cluster into the situation of a scenario. */
export async function bringAbout(sandbox: Sandbox, scenario: Scenario): Promise<Parts> {
  const role = roleOf(scenario);
  const [from, good] = role === "master" ? ["manager_0", "manager_1"] : ["manager_1", "manager_0"];
  if (isMove(scenario)) return { good, other: await sandbox.spare({ role }), from };
  if (!isTakeover(scenario)) return { good, other: await sandbox.damage(role) };
  await sandbox.lose(role);
  return { good, other: await sandbox.spare() };
}

/** Most seconds that dialling a silent host takes; an operator's own setting, here short so that cases stay short. */
const DIALLING = { dialErrorLimit: 2, perDialTimeout: 5 };

/** The setting `clusters` for a scenario. */
export function settingsOf(sandbox: Sandbox, scenario: Scenario): Record<string, unknown> {
  const settings = isMove(scenario)
    ? moveSettings(sandbox.description, INCIDENT, roleOf(scenario))
    : isTakeover(scenario)
      ? takeoverSettings(sandbox.description, INCIDENT)
      : inPlaceSettings(sandbox.description, INCIDENT, roleOf(scenario));
  const impatient = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, one]) => [
      key,
      key === "connection" ? { ...(one as object), ...DIALLING } : impatient(one),
    ]);
    return Object.fromEntries(entries);
  };
  const method = isMove(scenario) ? {} : { method: isOnline(scenario) ? "online" : "offline" };
  return { [CLUSTER]: { ...(impatient(settings) as object), ...method } };
}
