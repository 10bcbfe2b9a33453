/** `refuse` stops the recovery before its first change, `hazard` is shown, `fact` explains. */
export type Level = "refuse" | "hazard" | "fact";

/**
 * One named reason to refuse a recovery, to warn of something, or to explain.
 *
 * @typeParam View what it looks at; nothing is asked of a host from here
 */
export interface Check<View> {
  /** By this name `accept` overrules it and docs/messages.md lists it. */
  name: string;
  /** Default `refuse`. */
  level?: Level;
  /** What an operator says by accepting it, as docs/settings.md has it. Absent: it stands whatever the settings say. */
  accept?: string;
  /** Once it speaks, the checks after it in its list could only mislead: they are left out. */
  decides?: true;
  /** What was found, the evidence, the way out: one text for each thing found. Nothing: it is passed. */
  test(view: View): string | readonly string[] | undefined;
}

/** The checks of one subject, in the order in which they are shown. */
export interface CheckList<View> {
  /** Of what: `a manager`, `the pair`. */
  of: string;
  checks: readonly Check<View>[];
}

/** What one check found. */
export interface Finding {
  name: string;
  level: Level;
  text: string;
  /** The settings may accept it by its name. */
  acceptable: boolean;
}

/** What the checks of a list say of a view. */
export function examine<View>({ checks }: CheckList<View>, view: View): Finding[] {
  const findings: Finding[] = [];
  for (const { name, level = "refuse", accept, decides, test } of checks) {
    const found = test(view);
    if (found === undefined || found.length === 0) continue;
    const texts = typeof found === "string" ? [found] : found;
    for (const text of texts) findings.push({ name, level, text, acceptable: accept !== undefined });
    if (decides) break;
  }
  return findings;
}

/** Turns the refusals that the settings accept by name into hazards. */
export function accepting(findings: readonly Finding[], accepted: readonly string[]): Finding[] {
  return findings.map((finding) =>
    finding.level === "refuse" && finding.acceptable && accepted.includes(finding.name)
      ? { ...finding, level: "hazard", text: `${finding.text} (accepted in the settings)` }
      : finding,
  );
}

/** The refusals as one readable text; undefined when there is none. */
export function refusalText(what: string, findings: readonly Finding[]): string | undefined {
  const refusals = findings.filter((finding) => finding.level === "refuse");
  if (refusals.length === 0) return undefined;
  const lines = refusals.map(({ name, text, acceptable }) => {
    const way = acceptable ? ` [to go on all the same: accept: [${name}]]` : "";
    return `  - ${text}${way}`;
  });
  return `${what} is refused, nothing was changed on any host:\n${lines.join("\n")}`;
}
