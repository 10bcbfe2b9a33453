import { entries } from "../../leofs/incident/entries";
import { type ManagerEvidence, rowsCounted } from "../../leofs/manager/evidence";
import { isServing } from "../../leofs/manager/ready";
import { expectedOutage } from "../../leofs/pair/outage";
import { ringPlan } from "../../leofs/pair/rings";
import { strangersIn } from "../../leofs/pair/strangers";
import { unseen } from "../../leofs/planLine";
import { someOf } from "../../leofs/sentence";
import type { Planned } from "../contract/handler";
import { confsText, nodesText } from "../nodes/nodeLooks";
import { otherPairGlance } from "../session/pairSince";
import type { Session } from "../session/session";
import { startedPair } from "../session/startedPair";
import { type ManagerRegistrationInputs, pairNames } from "./managerRegistrationTypes";
import { nodesAreNew } from "./registrationDrift";
import { followersOf, notSo, provenBefore } from "./sinceProven";

/** What would be told and proven; once it was proven, what of that is not so any more. */
export async function registrationPlan(
  session: Session,
  inputs: ManagerRegistrationInputs,
  before: ManagerRegistrationInputs | undefined,
): Promise<Planned<ManagerRegistrationInputs>> {
  const [target, other] = inputs.managers;
  const seen = await session.glance(target, inputs);
  if ("problem" in seen) return { plan: [unseen("the nodes", seen.problem)] };
  const proven = entries.proven.done(seen.seen.journal);
  const nodes = seen.seen.evidence?.nodes ?? [];
  if (proven) {
    const since = await sinceProven(session, inputs, proven.at);
    return {
      plan: before && nodesAreNew(inputs, before) ? await confsText(session, inputs, nodes, seen.seen) : [],
      ...since,
    };
  }
  const names = await runningNodes(session, inputs);
  const all = names.length > 0 ? `${names.length} storage and gateway nodes` : "the running nodes";
  const told = inputs.sameNames
    ? `see that ${all} follow ${target.node} and ${other.node}`
    : `tell ${all} the new pair (update-managers), and ask each whom it follows`;
  return {
    ready: await startedPair(session, inputs.managers, inputs),
    plan: [
      told,
      ...(names.length > 0 ? [`  ${someOf(names, 10)}`] : []),
      ...(await nodesText(session, inputs, nodes, seen.seen)),
      ...ringPlan(seen.seen.evidence),
      "prove: same rows and every table on disc on both managers, same answers on both consoles, everywhere the ring hash of before",
      ...(inputs.offline ? [expectedOutage(inputs.offline, rowsOf(seen.seen.evidence))] : []),
      ...(inputs.fence ? [`lift the fence of ${inputs.fence.node}`] : []),
    ],
  };
}

const rowsOf = (evidence: ManagerEvidence | undefined): number | undefined =>
  isServing(evidence) ? rowsCounted(evidence!) : undefined;

/** Storage and gateway nodes that answer now, and those that did before the first change: half-way no manager knows them. */
async function runningNodes(
  session: Session,
  { managers, ...common }: ManagerRegistrationInputs,
): Promise<string[]> {
  const looks = await Promise.all(managers.map((target) => session.glance(target, common)));
  const names = looks.flatMap((look) => {
    if ("problem" in look) return [];
    const { evidence, journal, manager } = look.seen;
    const now = (evidence?.nodes ?? []).filter(({ answers }) => answers);
    const before = entries.before(manager.spec.node).done(journal)?.followers ?? [];
    return [...now, ...before].map(({ node }) => node);
  });
  return [...new Set(names)].sort();
}

/** What of the proof is not so now. A host that cannot be looked at is warned of: nothing is done for it. */
async function sinceProven(
  session: Session,
  inputs: ManagerRegistrationInputs,
  proven: string | undefined,
): Promise<Pick<Planned<never>, "notSo" | "warnings">> {
  const looks = await Promise.all(inputs.managers.map((target) => session.glance(target, inputs)));
  const views = looks.flatMap((look) => ("problem" in look ? [] : [look.seen]));
  const down = views
    .filter(({ manager }) => manager.facts.beams.length === 0)
    .map(({ manager }) => manager.spec.node);
  const nodes = views
    .flatMap(({ evidence }) => (evidence ? [evidence.nodes] : []))
    .find((each) => each.length > 0);
  const asked = views.map(({ evidence }) => evidence);
  const strangers = strangersIn(asked, pairNames(inputs));
  const others = await otherPairGlance(session, inputs, views);
  // Nothing is started or told on the word of a recovery that another one may have followed, or for new tables.
  if (others.length > 0) return { warnings: others.map((line) => `NOT SO ANY MORE: ${line}`) };
  return {
    notSo: notSo(
      pairNames(inputs),
      { down, strangers, ...(nodes && { followers: followersOf(nodes) }) },
      proven,
    ),
    warnings: looks.flatMap((look, index) =>
      "problem" in look ? [provenBefore(inputs.managers[index]!.node, proven, look.problem)] : [],
    ),
  };
}
