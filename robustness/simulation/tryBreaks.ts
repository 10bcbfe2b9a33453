import { playBatch } from "./batch";
import { BREAKS } from "./breaks";

/**
 * Breaks one rule of the product after the other and plays histories until one shows it; the same ones show nothing
 * when no rule is broken.
 *
 * @param most histories that are played at most for each
 * @returns whether every break was found
 */
export async function tryBreaks(seed: number, most: number, say: (line: string) => void): Promise<boolean> {
  say(`breaks of the product, seed ${seed}, found within at most ${most} histories:`);
  let furthest = 0;
  let all = true;
  for (const { name, broken, kind = "offline" } of BREAKS) {
    const { found } = await playBatch({ seed, histories: most, asItIs: true, kind, broken });
    all &&= found !== undefined;
    furthest = Math.max(furthest, found?.after ?? most);
    const what = found?.what.split("\n").slice(0, 2).join(" ").slice(0, 160);
    say(found ? `| ${name} | ${found.after} | ${what} |` : `| ${name} | NOT FOUND | |`);
  }
  const { found } = await playBatch({ seed, histories: furthest, asItIs: true });
  say(
    found
      ? `nothing broken, and found all the same: ${found.what}`
      : `nothing broken: ${furthest} histories show nothing`,
  );
  return all && !found;
}
