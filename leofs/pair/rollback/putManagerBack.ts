import { script } from "../../../remote/script";
import { entries } from "../../incident/entries";
import type { Incident } from "../../incident/readIncident";
import { etcOf } from "../../manager/lookedAt";
import type { Manager, Stopped } from "../../manager/manager";
import { downWhenLookedAt } from "../../manager/proven";
import { sentence } from "../../sentence";
import { returnConf } from "./returnConf";
import { returnFiles } from "./returnFiles";
import { again, type RollbackSide } from "./rollbackState";

/**
 * Puts one manager back as it was before the incident: its conf, its generated files, its Mnesia directory. Once an incident.
 *
 * @returns the evidence, one line each
 * @throws when it was started meanwhile
 */
export async function putManagerBack(side: RollbackSide, incident: Incident): Promise<string[]> {
  const manager = await again(side);
  const { node } = manager.spec;
  const entry = entries.returned(node);
  if (side.returned) return entry.done(side.journal)?.evidence ?? [];
  const evidence: string[] = [];
  const conf = await returnConf(manager);
  if (conf) evidence.push(conf);
  if (!side.before.generated) await moveGeneratedAside(isDown(manager));
  if (side.replaces)
    evidence.push(...(await returnFiles(isDown(manager), incident, side.original!, side.before)));
  const lines = evidence.map((line) => `${node}: ${line}`);
  await entry.finish(side.journal, { evidence: lines });
  return lines;
}

/** A manager that was stopped for the rollback, or was down, as the look after that shows it. */
function isDown(manager: Manager): Stopped {
  const down = downWhenLookedAt(manager);
  if (down) return down;
  const { host, spec, facts } = manager;
  throw new Error(
    `${host.label}: ${spec.node} runs (process ${facts.beams.join(", ")}): it was started while it was put back. Its files are left as they are. Run pulumi up again: that stops it and goes on.`,
  );
}

const MOVE_GENERATED = script("leofs/pair/scripts/move-generated.sh");

/** A manager that was never started before has no generated files; the next look must not take them for its own. */
async function moveGeneratedAside({ host, as, facts, place, spec }: Stopped): Promise<void> {
  const etc = etcOf(facts);
  const { code, stderr } = await host.run(
    MOVE_GENERATED,
    { etc, kept: `${place.directory}/generated-${spec.node}` },
    { as },
  );
  if (code !== 0)
    throw new Error(
      `${host.label}: the generated files in ${etc} could not be moved: ${sentence(stderr.trim())} Mend that, then run pulumi up again: the rollback goes on.`,
    );
}
