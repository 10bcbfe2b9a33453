import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CleanUp } from "../sandbox/cleanUp";
import { Clone } from "../test/engine/support/clone";
import { measureAll } from "./all";
import { clustersTable, measureClusters } from "./clusters";
import { compareWays } from "./compareWays";
import { copyTable, measureCopies } from "./copy";
import { type Options, program } from "./options";
import { keep, say } from "./report";

async function copies({ copy, rounds }: Options, out: string): Promise<number> {
  const copied = await measureCopies(copy, rounds);
  return keep(out, "copy", copied, copyTable(copied, copy));
}

/** Does work with clusters that end with it, also on Ctrl-C. */
async function cleanly(
  clusters: readonly string[],
  directory: string,
  work: () => Promise<number>,
): Promise<number> {
  const cleanUp = new CleanUp(clusters, [directory], say);
  try {
    return await cleanUp.guard(work());
  } catch (error) {
    // It ends this process when nothing is left.
    if (cleanUp.signal.aborted) return await new Promise<never>(() => undefined);
    throw error;
  } finally {
    await cleanUp.end();
    cleanUp.release();
  }
}

async function manyClusters({ clusters, cases, fast, parallel }: Options, out: string): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "leofs-bench-clusters-"));
  const places = Array.from({ length: Math.max(...clusters) }, (_, number) =>
    join(directory, `cluster_${number}`),
  );
  return cleanly(places, directory, async () => {
    const clone = await Clone.make();
    try {
      const found = await measureClusters(clone, places, {
        counts: clusters,
        cases,
        fast,
        parallel,
        say,
        out,
      });
      return await keep(out, "clusters", found, clustersTable(found));
    } finally {
      await clone.remove();
    }
  });
}

async function main(options: Options): Promise<number> {
  const out = resolve(options.out);
  await mkdir(out, { recursive: true });
  if (options.all) return measureAll(out, options.ansible);
  if (options.copy > 0) return copies(options, out);
  if (options.clusters.length > 0) return manyClusters(options, out);
  const directory = await mkdtemp(join(tmpdir(), "leofs-bench-cluster-"));
  return cleanly([directory], directory, () => compareWays(options, out, directory));
}

void program.action(async () => process.exit(await main(program.opts<Options>()))).parseAsync();
