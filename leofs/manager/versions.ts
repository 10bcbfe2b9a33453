/** What a manager's home is a release of. */
export interface Release {
  /** LeoFS's version: `1.4.4`; undefined where nothing in the home says it. */
  leofs: string | undefined;
  /** Version of the Erlang runtime it carries (`erts-<erts>/`): `11.1.8`; undefined where nothing says it. */
  erts: string | undefined;
}

/**
 * Reads what a home says of its release. LeoFS's version is that of its own application, the directory `lib/leo_manager-1.4.4`;
 * else `system_version` of `etc/app.config`, which is there after a first start. The second word of `releases/start_erl.data`
 * (`8.3 1`) is the number of the build's release, the same in all versions.
 *
 * @param application version in the name of `lib/leo_manager-<version>`
 */
export function readRelease(
  startErlData: string,
  application: string | undefined,
  appConfig: string | undefined,
): Release {
  return {
    leofs: application || /\{\s*system_version\s*,\s*"([^"]+)"/.exec(appConfig ?? "")?.[1],
    erts: /^\S+/.exec(startErlData.trim())?.[0],
  };
}

/** Whether a release is one of LeoFS 2, which keeps its managers' data in another way. */
export const isLeofs2 = ({ leofs }: Release): boolean => Number(major(leofs ?? "")) >= 2;

/**
 * Why two managers must not be made a pair: rows of a dump are records as that LeoFS version has them, and
 * files are those of its Erlang. Empty when they fit. What is unknown of either differs from nothing.
 */
export function versionProblems(
  one: { name: string; release: Release },
  other: { name: string; release: Release },
): string[] {
  const problems: string[] = [];
  if (differ(one.release.leofs, other.release.leofs))
    problems.push(
      `${one.name} is LeoFS ${one.release.leofs}, ${other.name} is LeoFS ${other.release.leofs}: install the same version on both.`,
    );
  if (differ(major(one.release.erts), major(other.release.erts)))
    problems.push(
      `${one.name} runs on Erlang runtime ${one.release.erts}, ${other.name} on ${other.release.erts}: install the same LeoFS package on both.`,
    );
  return problems;
}

const major = (version: string | undefined): string | undefined => version?.split(".")[0];
const differ = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other;
