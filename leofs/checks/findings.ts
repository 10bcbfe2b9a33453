/** One thing found before a recovery starts. */
export interface Finding {
  /** Name by which a setting may accept it: `accept: [rebalance]`. */
  name: string;
  /** `refuse` stops the recovery before its first change, `hazard` is shown, `fact` explains. */
  level: "refuse" | "hazard" | "fact";
  /** What was found, the evidence, the way out. */
  text: string;
}

/** Refusals that an operator may overrule, by name, one by one. All others stand. */
export const ACCEPTABLE = [
  "rebalance",
  "donorOrderUnknown",
  "donorStale",
  "splitBrain",
  "replacementSystemConf",
  "lostUnknown",
  "donorFiles",
] as const;

export const refuse = (name: string, text: string): Finding => ({ name, level: "refuse", text });
export const hazard = (name: string, text: string): Finding => ({ name, level: "hazard", text });
export const fact = (name: string, text: string): Finding => ({ name, level: "fact", text });

/** Turns the refusals that the settings accept by name into hazards. */
export function accepting(findings: readonly Finding[], accepted: readonly string[]): Finding[] {
  const may = new Set<string>(ACCEPTABLE.filter((name) => accepted.includes(name)));
  return findings.map((finding) =>
    finding.level === "refuse" && may.has(finding.name)
      ? { ...finding, level: "hazard", text: `${finding.text} (accepted in the settings)` }
      : finding,
  );
}

/** The refusals as one readable text; undefined when there is none. */
export function refusalText(what: string, findings: readonly Finding[]): string | undefined {
  const refusals = findings.filter((finding) => finding.level === "refuse");
  if (refusals.length === 0) return undefined;
  const lines = refusals.map(({ name, text }) => {
    const way = (ACCEPTABLE as readonly string[]).includes(name)
      ? ` [to go on all the same: accept: [${name}]]`
      : "";
    return `  - ${text}${way}`;
  });
  return `${what} is refused, nothing was changed:\n${lines.join("\n")}`;
}
