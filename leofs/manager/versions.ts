/** What a manager's home is a release of. */
export interface Release {
  /** LeoFS's version: `1.4.4`. */
  leofs: string;
  /** Version of the Erlang runtime it carries (`erts-<erts>/`): `11.1.8`. */
  erts: string;
}

/** Reads `releases/start_erl.data` (`11.1.8 1.4.4`); undefined when it is not of that form. */
export function parseStartErlData(text: string): Release | undefined {
  const [, erts, leofs] = /^(\S+)\s+(\S+)\s*$/.exec(text.trim()) ?? [];
  return erts && leofs ? { erts, leofs } : undefined;
}

/**
 * Why two managers must not be made a pair: rows of a dump are records as that LeoFS version has them, and
 * files are those of its Erlang. Empty when they fit. Either may be unknown, then nothing is said.
 */
export function versionProblems(
  one: { name: string; release: Release | undefined },
  other: { name: string; release: Release | undefined },
): string[] {
  if (!one.release || !other.release) return [];
  const problems: string[] = [];
  if (one.release.leofs !== other.release.leofs)
    problems.push(
      `${one.name} is LeoFS ${one.release.leofs}, ${other.name} is LeoFS ${other.release.leofs}: install the same version on both.`,
    );
  if (major(one.release.erts) !== major(other.release.erts))
    problems.push(
      `${one.name} runs on Erlang runtime ${one.release.erts}, ${other.name} on ${other.release.erts}: install the same LeoFS package on both.`,
    );
  return problems;
}

const major = (version: string): string => version.split(".")[0] ?? version;
