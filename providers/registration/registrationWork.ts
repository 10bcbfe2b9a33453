import { livingOf } from "../../leofs/checks/otherManagers";
import { verifyBackup } from "../../leofs/incident/backups/backupPlace";
import { dumpFileOf } from "../../leofs/incident/backups/dumpBackup";
import { sameRing } from "../../leofs/incident/backups/manifest";
import { requireData } from "../../leofs/incident/begunWith";
import { clearWork } from "../../leofs/incident/clearWork";
import { entries } from "../../leofs/incident/entries";
import type { Journal } from "../../leofs/incident/journal";
import type { Incident } from "../../leofs/incident/readIncident";
import { requireSubjects } from "../../leofs/incident/subjects";
import type { Reach } from "../../leofs/manager/ask";
import type { NodeFact } from "../../leofs/manager/evidence";
import type { Manager } from "../../leofs/manager/manager";
import { readDump } from "../../leofs/pair/compare";
import { writtenSinceDump } from "../../leofs/pair/earlierLoad";
import { wantedOf } from "../../leofs/pair/followers";
import { importDump } from "../../leofs/pair/importDump";
import { keepManagers, keepPartners, nextSteps, tellPeers } from "../../leofs/pair/nextSteps";
import { outageSeconds } from "../../leofs/pair/outage";
import { type Pair, pairByRole } from "../../leofs/pair/pair";
import { partnerInMemory } from "../../leofs/pair/partnerInMemory";
import { type Baseline, debtOf, provePair } from "../../leofs/pair/provePair";
import { oddBefore, ringSteps } from "../../leofs/pair/rings";
import { forgetStrangers } from "../../leofs/pair/strangers";
import type { Run } from "../contract/handler";
import { liftFences, lostIn } from "../fence/fencing";
import { type ChangedConfs, changeConfs } from "../nodes/nodeConfs";
import { orRollBack } from "../rollback/rollbackOnFailure";
import { holdLock, releaseLock } from "../session/pairLock";
import { refuseOtherPair } from "../session/pairSince";
import type { Session } from "../session/session";
import type { ManagerRegistrationInputs, ManagerRegistrationOutputs } from "./managerRegistrationTypes";
import { followersOf } from "./sinceProven";

/** Tells the nodes the pair, and proves it whole. */
export async function registrationWork(
  session: Session,
  inputs: ManagerRegistrationInputs,
  run: Run,
): Promise<ManagerRegistrationOutputs> {
  await holdLock(session, inputs.managers, inputs, run.progress);
  run.touching();
  const { managers, incident } = await session.openForWork(inputs.managers, inputs);
  const [good, other] = managers;
  const journal = incident.on(good);
  requireSubjects(incident.journals, { good: good.spec.node, other: other.spec.node });
  requireData(incident.journals, [good.spec.node, other.spec.node]);
  if (entries.proven.isDone(journal)) {
    await refuseOtherPair(await Promise.all(inputs.managers.map((one) => session.viewOf(one, inputs))));
  }
  const pair = pairByRole(good, other);
  const baseline = await readBaseline(good, journal, inputs);
  const others = await forgetStrangers(good, other, journal, run.progress.step);
  const result = await orRollBack(session, inputs, inputs.managers, run, async () => {
    await loadedStill(pair, good, incident, run);
    if (entries.replica(other.spec.node).isDone(journal)) await partnerInMemory(good, other);
    return provePair(pair, baseline, run.progress.step);
  });
  const outage = await outageSeconds(good, journal);
  const left = await clearWork(managers.map(({ place }) => place));
  const ways = inputs.nodes && { session, nodes: inputs.nodes, common: inputs };
  const confs = ways && (await changeConfs(ways, result.nodes, wantedOf(pair), journal, run.progress));
  const debts = [...debtOf(result, confs?.done ?? new Set()), ...(confs?.debt ?? [])];
  const evidence = [...result.evidence, ...(confs?.evidence ?? []), ...debts.map((line) => `debt: ${line}`)];
  for (const manager of managers)
    await entries.proven.finish(incident.on(manager), { outageSeconds: outage, evidence });
  const check = entries.check.done(journal);
  const lost = (await livingOf(managers, check)).map(lostIsUp);
  for (const text of lost) await run.progress.warn(text);
  const unloaded = [writtenSinceDump(journal, good.spec.node) ?? []].flat();
  const fences = await liftFences(lostIn(session, inputs), journal, run.progress);
  await releaseLock(session, inputs.managers);
  const debt = [...lost, ...unloaded, ...debts, ...others.debt, ...fences.debt];
  const verdict = debt.length > 0 ? "recovered with debt" : "recovered";
  run.progress.note(`${verdict}: ${result.evidence[0]}`);
  return {
    verdict,
    followers: followersOf(result.nodes),
    provenAt: good.host.clock.stamp(),
    down: [],
    strangers: [],
    ...(confs && { strayConfs: {} }),
    debt,
    nextSteps: [
      ...(inputs.sameNames && !confs ? [] : nextSteps(pair, leftToDo(result.nodes, confs))),
      ...(confs && confs.done.size > 0 ? [keepManagers(pair)] : []),
      ...(inputs.sameNames
        ? []
        : [...keepPartners(pair), ...(await peerSteps(pair, check?.lost ?? check?.gone[0], good))]),
      ...ringSteps(result.ring, result.oddRings),
      ...fences.nextSteps,
      ...left,
    ],
    ring: result.ring?.[0] ?? "",
    outageSeconds: outage,
    evidence: [...evidence, ...others.evidence, ...fences.evidence],
  };
}

/** Nodes whose conf a person has to change. */
const leftToDo = (nodes: readonly NodeFact[], confs: ChangedConfs | undefined): NodeFact[] =>
  nodes.filter(({ node }) => !confs?.done.has(node));

const lostIsUp = ({ node, evidence }: Reach): string =>
  `${node}, which is gone from this pair, is up (${evidence}). It has old data, and what users write there is in no backup: see it first (get-users, get-buckets), then stop it for good. The pair is proven without it.`;

/** What is left to do in other clusters, which know by name the manager that the check noted as lost. */
async function peerSteps(pair: Pair, lost: string | undefined, survivor: Manager): Promise<string[]> {
  const { peers = {} } = await pair.master.evidence();
  return tellPeers(pair, peers, lost, survivor);
}

/**
 * The load stands unless both managers were emptied by hand and formed a new pair since: then it is made again, or two
 * equally empty managers would pass as healthy.
 */
async function loadedStill(pair: Pair, good: Manager, incident: Incident, run: Run): Promise<void> {
  const journal = incident.on(good);
  const file = entries.load.done(journal)?.file;
  if (file === undefined || entries.proven.isDone(journal)) return;
  await importDump(pair, good, incident, file, run.progress.step);
}

async function readBaseline(
  manager: Manager,
  journal: Journal,
  { baseline, expected }: ManagerRegistrationInputs,
): Promise<Baseline | undefined> {
  if (entries.proven.isDone(journal)) return undefined;
  const dump = baseline || entries.dump.done(journal)?.path;
  if (!dump && !expected) return undefined;
  const latest = entries.final(manager.spec.node).done(journal)?.path;
  const manifest = dump ? await verifyBackup(journal, dump) : undefined;
  const last = latest === undefined ? undefined : await verifyBackup(journal, latest);
  return {
    ring: manifest && sameRing(manifest, last) ? manifest.ring : undefined,
    oddRings: manifest ? oddBefore(manifest) : new Map(),
    nodes: (manifest?.nodes ?? []).map((node) => node.node),
    rows: expected ? await readDump(manager, dumpFileOf(latest ?? expected)) : undefined,
  };
}
