import { requireCleared, requireMethod } from "../../leofs/incident/begunWith";
import { entries } from "../../leofs/incident/entries";
import { requireSubjects } from "../../leofs/incident/subjects";
import { makeReplica } from "../../leofs/pair/replica";
import { type PlanLine, unseen } from "../../leofs/planLine";
import type { Run } from "../contract/handler";
import { lostIn } from "../fence/fencing";
import { retire } from "../fence/moving";
import type { Session } from "../session/session";
import type { ImportKind, MnesiaImportInputs, MnesiaImportOutputs } from "./mnesiaImportTypes";

/** A manager with an empty directory, made a replica of the one that serves. */
export const replicaImport: ImportKind = {
  look: async (session, inputs) => ({ plan: await replicaPlan(session, inputs) }),

  converge: (session, inputs, run) => replicaInto(session, inputs, run),
};

async function replicaPlan(session: Session, inputs: MnesiaImportInputs): Promise<PlanLine[]> {
  const { from, to, lost, moves } = inputs;
  const seen = await session.glance(to, inputs);
  if ("problem" in seen) return [unseen(to.node, seen.problem)];
  if (entries.replica(to.node).isDone(seen.seen.journal)) return [];
  return [
    `start a temporary VM as ${to.node} on ${seen.seen.manager.host.label}, from the release's own Erlang; it ends with this run`,
    `copy every table of ${from.node} to it, one after the other, and write them to ${seen.seen.mnesia.path}; ${from.node} serves all the time`,
    ...(moves
      ? [`stop ${lost} and fence it: from then on ${from.node} serves alone, until ${to.node} is started`]
      : []),
    ...(lost ? [`${from.node} forgets ${lost}`] : []),
    `see that every table is on the discs of just ${from.node} and ${to.node}`,
  ];
}

async function replicaInto(
  session: Session,
  inputs: MnesiaImportInputs,
  run: Run,
): Promise<MnesiaImportOutputs> {
  const { managers, incident } = await session.openForWork([inputs.from, inputs.to], inputs);
  const [serving, made] = managers;
  requireSubjects(incident.journals, { good: inputs.from.node, other: inputs.to.node });
  requireMethod(incident.on(serving), "online");
  requireCleared(incident.on(made), inputs.to.node, made.host.label);
  const { lost: node, moves } = inputs;
  const moving = moves ? lostIn(session, inputs) : undefined;
  const retired = moving && (() => retire(moving, incident.on(serving), run.progress));
  const replaced = node ? { node, retire: retired } : undefined;
  const result = await makeReplica(serving, made, incident, replaced, run.progress.step);
  run.progress.note(result.evidence[0] ?? "");
  return { ...result, removed: [] };
}
