import { type Comparison, type Dump, describeDifferences, stillDiffering } from "../mnesia/dump";
import { comparePair, compareWithin } from "./compare";
import { wantedOf } from "./followers";
import { lasting } from "./lasting";
import { GO_BACK, type Pair } from "./pair";
import { differsInLeofsOwn, usersWrites } from "./usersWrites";

/** A comparison of rows, one for each manager that is compared, and what users did meanwhile. */
interface SeenRows {
  compared: Comparison[];
  since: string;
}

/**
 * Compares every row: with what the pair must hold where that is known, else of one manager with the other. Rows that
 * nobody had at the stop were written since the managers are back, and are named.
 */
export async function proveRows(pair: Pair, expected: Dump | undefined): Promise<string> {
  const look = async (): Promise<SeenRows> => {
    if (!expected) return { compared: [await compareWithin(pair)], since: "" };
    const { master, slave } = await comparePair(pair, expected);
    const written = [master, slave].map((each) => usersWrites(each, { added: "anywhere" }));
    return { compared: written.map(({ rest }) => rest), since: written[0]!.text };
  };
  const { compared, since } = await lasting(
    pair.master.host.clock,
    look,
    (seen) => seen.compared.some(({ equal }) => !equal),
    (earlier, now) => ({
      ...now,
      compared: now.compared.map((each, index) => stillDiffering(earlier.compared[index]!, each)),
    }),
    (seen) => seen.compared.some(differsInLeofsOwn),
  );
  const nodes = wantedOf(pair).join(" and ");
  const differences = compared.flatMap((each) => describeDifferences(each));
  if (differences.length > 0)
    throw new Error(
      `${nodes} do not hold ${expected ? "what was backed up" : "the same rows"}:\n${differences.map((line) => `  - ${line}`).join("\n")}\n` +
        `The backups are untouched. See whether these rows may be as they are now, and run pulumi up again. ${GO_BACK}`,
    );
  const what = expected ? "every row of the backup" : "the same rows";
  const [{ tables, rows }] = compared as [Comparison];
  return `${nodes} hold ${what}: ${tables} tables, ${rows} rows, on disc on both${since && `; ${since}`}`;
}
