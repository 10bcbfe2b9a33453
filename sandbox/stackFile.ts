import { basename } from "node:path";
import { stringify } from "yaml";
import type { Companion, Description } from "./describe";
import { paths } from "./layout";
import { inPlaceSettings, takeoverSettings } from "./stackSettings";

/** The setting `clusters` for the sandbox's present situation; undefined when there is nothing to recover yet. */
export function presentSettings(sandbox: Description): Record<string, Record<string, unknown>> | undefined {
  const managers = Object.values(sandbox.managers);
  const { incident, cluster } = sandbox;
  if (incident === undefined) return undefined;
  const count = (what: "lost" | "spare") => managers.filter((manager) => manager[what]).length;
  if (count("lost") === 1 && count("spare") === 1) return { [cluster]: takeoverSettings(sandbox, incident) };
  const damaged = managers.filter((manager) => manager.damaged && !manager.lost);
  if (count("lost") === 0 && damaged.length === 1)
    return { [cluster]: inPlaceSettings(sandbox, incident, damaged[0]!.role) };
  return undefined;
}

/** DIR/Pulumi.sandbox.yaml: what an operator would write down to have this outage recovered. */
export const stackFile: Companion = (sandbox) => {
  const clusters = presentSettings(sandbox);
  const file = paths.stackFile(sandbox.directory);
  const head =
    "# Written by the sandbox for its present situation. In the clone, with Pulumi installed:\n" +
    "#   pulumi stack init sandbox\n" +
    `#   pulumi preview --stack sandbox --config-file ${file}\n`;
  return {
    name: basename(file),
    text: clusters && head + stringify({ config: { "leofs-recovery:clusters": clusters } }, { lineWidth: 0 }),
  };
};
