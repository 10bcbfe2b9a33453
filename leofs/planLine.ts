/**
 * How much a line of a plan matters to who decides. `urgent`: it stops the recovery, or makes the plan a guess. `unreached`: urgent,
 * since a host does not answer. `unseen`: so a step could not look; goes without saying beside `unreached`. `hazard`: to be
 * known beforehand.
 */
export type PlanLevel = "urgent" | "unreached" | "unseen" | "hazard";

/** A line of a plan; a bare text is what would be done, or was found. Indented, it is a detail of the line before it. */
export type PlanLine = string | { level: PlanLevel; text: string };

/** An amount of data as a plan shows it. */
export const sizeText = (bytes: number): string =>
  bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`;

export const lineText = (line: PlanLine): string => (typeof line === "string" ? line : line.text);
export const levelOf = (line: PlanLine): PlanLevel | undefined =>
  typeof line === "string" ? undefined : line.level;

export const urgent = (text: string): PlanLine => ({ level: "urgent", text });
export const hazard = (text: string): PlanLine => ({ level: "hazard", text: `hazard: ${text}` });
/** @param what is not reached, and why */
export const notReached = (what: string): PlanLine => ({ level: "unreached", text: `NOT REACHED: ${what}` });
/** @param what cannot be looked at */
export const unseen = (what: string, problem: string): PlanLine => ({
  level: "unseen",
  text: `${what} cannot be looked at now: ${problem}`,
});
/** The last line of a plan that is a refusal. */
export const WOULD_STOP = urgent("pulumi up would stop here, before any change");
