import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import type * as library from "./recovery";
import { plainError } from "./recovery/settings/plainError";

/** The built package: Pulumi compiles what it imports as it goes, and all of the product would take 4 s in each run. */
function builtLibrary(): typeof library {
  const load = createRequire(__filename);
  try {
    load.resolve("leofs-recovery/provider");
  } catch {
    throw plainError(`the providers are not built: run \`npm ci\` in ${__dirname}`);
  }
  return load("leofs-recovery");
}

/** Reads the setting whole: Pulumi's typed getters warn about secrets inside, which are wrapped one by one. */
const clustersSetting = (): unknown =>
  JSON.parse(pulumi.runtime.getConfig("leofs-recovery:clusters") ?? "null");

/** A plan as an output; an empty one in words. */
const orNothing = (plan: string[]) => (plan.length > 0 ? plan : "nothing to do");

/** The outcome as an output; in a preview of something to do, which cannot know it, in words. */
function outcomeNow({
  plan,
  outcome,
}: library.Takeover | library.Move | library.InPlaceRecovery | library.Rollback) {
  const known = pulumi.output(outcome);
  if (!pulumi.runtime.isDryRun()) return known;
  return plan.apply((lines) => (lines.length > 0 ? pulumi.output("known after pulumi up") : known));
}

/** The stack: each configured cluster becomes its recovery, and what an operator acts on an output. */
export = async () => {
  const { fencedOf, InPlaceRecovery, Move, managersOf, Rollback, readClusters, Takeover } = builtLibrary();
  const recoveries = readClusters(clustersSetting()).map((cluster) => {
    const { name, takeover, move, inPlace, rollback, ...rest } = cluster;
    const common = { cluster: name, ...rest };
    if (rollback)
      return [
        name,
        new Rollback(name, { ...common, managers: managersOf(cluster), fence: fencedOf(cluster) }),
      ] as const;
    if (move) return [name, new Move(name, { ...common, ...move })] as const;
    const recovery = takeover
      ? new Takeover(name, { ...common, ...takeover })
      : new InPlaceRecovery(name, { ...common, ...inPlace! });
    return [name, recovery] as const;
  });
  return {
    plan: Object.fromEntries(recoveries.map(([name, { plan }]) => [name, plan.apply(orNothing)])),
    outcome: Object.fromEntries(recoveries.map(([name, recovery]) => [name, outcomeNow(recovery)])),
  };
};
