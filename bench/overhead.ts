import type { Case } from "./results";
import type { Scene } from "./scene";
import type { Way } from "./ways/way";

/** What a way takes by itself, in seconds: every step of LeoFS takes no time. */
export interface Overhead {
  case: Case;
  way: string;
  seconds: number;
}

/**
 * Measures a way with nothing to wait for. Another way's steps are `true`; this project's, which are not believed but looked at,
 * find everything done: the stack that knew of it is gone, and the pair was recovered before.
 */
export async function overhead(scene: Scene, way: Way): Promise<Overhead> {
  const prepared = await way.prepare({ ...scene, idle: true });
  try {
    if (prepared.forget) {
      await prepared.recover();
      await prepared.forget();
    }
    const started = performance.now();
    await prepared.recover();
    return { case: scene.case, way: way.name, seconds: (performance.now() - started) / 1000 };
  } finally {
    await prepared.end();
  }
}

/** Markdown: a row a way. */
export function overheadTable(found: readonly Overhead[], titles: ReadonlyMap<string, string>): string {
  const rows = found.map((one) => `| ${titles.get(one.way)} | ${one.case} | ${one.seconds.toFixed(1)} |`);
  return ["| own overhead | case | s |", "| --- | --- | --- |", ...rows].join("\n");
}
