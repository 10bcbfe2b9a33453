import type * as pulumi from "@pulumi/pulumi";
import { livingOf } from "../leofs/checks/otherManagers";
import { verifyBackup } from "../leofs/incident/backups/backupPlace";
import { dumpFileOf } from "../leofs/incident/backups/dumpBackup";
import { sameRing } from "../leofs/incident/backups/manifest";
import { entries } from "../leofs/incident/entries";
import { readJournal } from "../leofs/incident/journal";
import type { Reach } from "../leofs/manager/ask";
import type { ManagerEvidence, NodeFact } from "../leofs/manager/evidence";
import type { Manager } from "../leofs/manager/manager";
import { askIfThere, isServing } from "../leofs/manager/ready";
import { readDump } from "../leofs/pair/compare";
import { importDump } from "../leofs/pair/importDump";
import { keepPartners, tellPeers } from "../leofs/pair/nextSteps";
import { expectedOutage, type Offline, outageSeconds } from "../leofs/pair/outage";
import { partnerInMemory } from "../leofs/pair/partnerInMemory";
import {
  type Baseline,
  debtOf,
  keepManagers,
  nextSteps,
  provePair,
  type RolePair,
  wantedOf,
} from "../leofs/pair/registration";
import { oddBefore, ringPlan, ringSteps } from "../leofs/pair/rings";
import { forgetStrangers, strangersIn } from "../leofs/pair/strangers";
import { unseen } from "../leofs/planLine";
import { someOf } from "../leofs/sentence";
import { pairIdentity, pairProblems } from "./argumentProblems";
import type {
  Common,
  CommonArgs,
  FenceTarget,
  FenceTargetArgs,
  ManagerTarget,
  ManagerTargetArgs,
  NodesTarget,
  NodesTargetArgs,
  OnFailure,
} from "./arguments";
import { liftFences } from "./fencing";
import type { Handler, Planned, Run } from "./handler";
import { type ChangedConfs, changeConfs } from "./nodeConfs";
import { confsText, nodesText, observeConfs } from "./nodeLooks";
import { nodesProblems } from "./nodeTargets";
import { holdLock, releaseLock } from "./pairLock";
import { LeofsResource } from "./resource";
import { orRollBack } from "./rollbackOnFailure";
import { type Session, Unreached } from "./session";
import { followersOf, notSo, otherPartners, type SeenPair, strayFollowers } from "./sinceProven";
import { startedPair } from "./startedPair";

/** Inputs of `ManagerRegistration` as its provider gets them. */
export interface ManagerRegistrationInputs extends Common {
  /** The two managers of the pair; roles are read from their conf. `managers[0]` is the one that had the data. */
  managers: [ManagerTarget, ManagerTarget];
  /** Directory of the dump taken before the outage, on the host of `managers[0]`; empty when there is none. */
  baseline: string;
  /** Directory of a dump, on the same host, whose rows the pair must hold; empty: the two are compared. */
  expected: string;
  /** Whether nodes keep their managers' names (in place), so that no conf of a node must be edited. */
  sameNames: boolean;
  /** Which procedure stops both managers before this. Default: none does. */
  offline?: Offline | undefined;
  /** What happens when the proof fails. Default `stop`. */
  onFailure?: OnFailure;
  /** The lost manager, whose fence is lifted once the pair is proven. Default: it was not fenced. */
  fence?: FenceTarget | undefined;
  /** How the hosts of storage and gateway nodes are reached, whose confs name the pair then. Default: nobody logs in there. */
  nodes?: NodesTarget | undefined;
}

/** Outputs of `ManagerRegistration`. */
export interface ManagerRegistrationOutputs {
  /** `recovered`, or `recovered with debt`: the pair is proven; debt is what could not be reached. */
  verdict: string;
  /** Who each storage and gateway node follows, as it said itself; `no answer` where it did not. */
  followers: Record<string, string>;
  /** When the pair was proven last (ISO 8601, by the clock of this machine). */
  provenAt: string;
  /** Managers of the pair that are down, as last observed. */
  down: string[];
  /** Managers beyond the pair that its tables are on too, as last observed: one that came back. */
  strangers: string[];
  /** Nodes whose conf names other managers, as last observed, with what it says; only with `nodes`. */
  strayConfs?: Record<string, string>;
  debt: string[];
  nextSteps: string[];
  /** Ring hash of the cluster, 8 hex digits; empty without a ring. */
  ring: string;
  /** Seconds from the stop of the manager with the data to the proof, by its host's clock; 0: nothing was stopped. */
  outageSeconds: number;
  evidence: string[];
}

export const managerRegistration = (
  session: Session,
): Handler<ManagerRegistrationInputs, ManagerRegistrationOutputs> => ({
  problems: (inputs) => [
    ...pairProblems(inputs),
    ...(inputs.nodes ? nodesProblems("nodes", inputs.nodes) : []),
  ],

  later: ["baseline", "expected"],

  identity: pairIdentity,

  async look(inputs, before) {
    const [target, other] = inputs.managers;
    const seen = await session.glance(target, inputs);
    if ("problem" in seen) return { plan: [unseen("the nodes", seen.problem)] };
    const proven = entries.proven.done(seen.seen.journal);
    const nodes = seen.seen.evidence?.nodes ?? [];
    if (proven) {
      const since = await sinceProven(session, inputs, proven.at);
      return {
        plan: before && isNew(inputs, before) ? await confsText(session, inputs, nodes, seen.seen) : [],
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
  },

  async converge(inputs, run) {
    await holdLock(session, inputs.managers, inputs, run.progress);
    run.touching();
    const sites = await Promise.all(inputs.managers.map((target) => session.workingSiteOf(target, inputs)));
    const [good, other] = sites as [Manager, Manager];
    await refuseOtherPartner(inputs, [good, other]);
    const pair: RolePair =
      good.settings.role === "master" ? { master: good, slave: other } : { master: other, slave: good };
    const baseline = await readBaseline(good, inputs);
    const others = await forgetStrangers(good, other, run.progress.step);
    const result = await orRollBack(session, inputs, inputs.managers, run, async () => {
      await loadedStill(pair, good, run);
      await partnerInMemory(good, other);
      return provePair(pair, baseline, run.progress.step);
    });
    const outage = await outageSeconds(good);
    const confs =
      inputs.nodes &&
      (await changeConfs(
        session,
        inputs.nodes,
        result.nodes,
        wantedOf(pair),
        inputs,
        good.place,
        run.progress,
      ));
    const debts = [...debtOf(result, confs?.done ?? new Set()), ...(confs?.debt ?? [])];
    const evidence = [
      ...result.evidence,
      ...(confs?.evidence ?? []),
      ...debts.map((line) => `debt: ${line}`),
    ];
    for (const site of sites) await entries.proven.finish(site.place, { outageSeconds: outage, evidence });
    const check = entries.check.done(await readJournal(good.place));
    const lost = (await livingOf(sites, check)).map(lostIsUp);
    for (const text of lost) await run.progress.warn(text);
    const fences = await liftFences(session, good.place, inputs.fence, inputs, run.progress);
    await releaseLock(session, inputs.managers);
    const debt = [...lost, ...debts, ...others.debt, ...fences.debt];
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
      ],
      ring: result.ring?.[0] ?? "",
      outageSeconds: outage,
      evidence: [...evidence, ...others.evidence, ...fences.evidence],
    };
  },

  async observe(state, progress) {
    const lost = await Promise.all(state.managers.map((target) => session.outOfReach(target)));
    if (lost.every((problem) => problem !== undefined))
      throw new Unreached(`${pairOf(state).join(" and ")} cannot be looked at now: ${lost.join("; ")}`);
    for (const [index, problem] of lost.entries())
      if (problem !== undefined)
        await progress.warn(provenBefore(state.managers[index]!.node, state.provenAt, problem));
    const reached = state.managers.filter((_, index) => lost[index] === undefined);
    const sites = await Promise.all(reached.map((target) => session.siteOf(target, state)));
    const alive = await Promise.all(sites.map((site) => site.runs()));
    const down = reached.filter((_, index) => !alive[index]).map((target) => target.node);
    const asked = await Promise.all(
      sites.map((site, index) => (alive[index] ? askIfThere(site) : undefined)),
    );
    const strangers = strangersIn(asked, pairOf(state));
    const nodes = asked.find((evidence) => evidence && evidence.nodes.length > 0)?.nodes;
    const seen: SeenPair = { down, strangers, ...(nodes && { followers: followersOf(nodes) }) };
    for (const line of notSo(pairOf(state), seen, state.provenAt)) await progress.warn(line);
    return {
      ...seen,
      strangers,
      ...(state.nodes && nodes && (await observeConfs(session, state, nodes, progress))),
    };
  },

  /**
   * Debt is paid by the next `up`; so is a node that follows others, a manager that is down is started, and one beyond the
   * pair is taken out. So is a conf that names others, and every conf once `nodes` is in the settings.
   */
  drifted(state, wanted) {
    const { managers, followers, down = [], strangers = [], debt = [], strayConfs: confs = {} } = state;
    const strays = strayFollowers(pairOf({ managers }), followers);
    return (
      [strays, down, strangers, debt, Object.keys(confs)].some((found) => found.length > 0) ||
      isNew(wanted, state)
    );
  },
});

const rowsOf = (evidence: ManagerEvidence | undefined): number | undefined =>
  isServing(evidence) ? [...evidence!.tables.values()].reduce((sum, { rows }) => sum + rows, 0) : undefined;

/** Storage and gateway nodes that answer now, and those that did before the first change: half-way no manager knows them. */
async function runningNodes(
  session: Session,
  { managers, ...common }: ManagerRegistrationInputs,
): Promise<string[]> {
  const looks = await Promise.all(managers.map((target) => session.glance(target, common)));
  const names = looks.flatMap((look) => {
    if ("problem" in look) return [];
    const { evidence, journal, site } = look.seen;
    const now = (evidence?.nodes ?? []).filter(({ answers }) => answers);
    const before = entries.before(site.manager.node).done(journal)?.followers ?? [];
    return [...now, ...before].map(({ node }) => node);
  });
  return [...new Set(names)].sort();
}

/** Once the pair was proven, only that pair is mended. */
async function refuseOtherPartner(
  inputs: ManagerRegistrationInputs,
  sites: readonly [Manager, Manager],
): Promise<void> {
  if (!entries.proven.isDone(await readJournal(sites[0].place))) return;
  const looked = await Promise.all(
    sites.map(async (site) => ({ site, evidence: (await site.runs()) ? await askIfThere(site) : undefined })),
  );
  const others = otherPartners(pairOf(inputs), looked);
  if (others.length > 0) throw new Error(`nothing was started or told: ${others.join("\n")}`);
}

/** Whether the settings say only now how the nodes' hosts are reached. */
const isNew = (wanted: ManagerRegistrationInputs, before: ManagerRegistrationInputs): boolean =>
  wanted.nodes !== undefined && before.nodes === undefined;

/** Nodes whose conf a person has to change. */
const leftToDo = (nodes: readonly NodeFact[], confs: ChangedConfs | undefined): NodeFact[] =>
  nodes.filter(({ node }) => !confs?.done.has(node));

const lostIsUp = ({ node, evidence }: Reach): string =>
  `${node}, which is gone from this pair, is up (${evidence}). It has old data, and what users write there is in no backup: see it first (get-users, get-buckets), then stop it for good. The pair is proven without it.`;

const pairOf = ({ managers }: Pick<ManagerRegistrationInputs, "managers">): string[] =>
  managers.map(({ node }) => node);

const provenBefore = (node: string, proven: unknown, problem: string): string =>
  `${node} was proven at ${String(proven)} and cannot be looked at now: ${problem}`;

/** What is left to do in other clusters, which know by name the manager that the check noted as lost. */
async function peerSteps(pair: RolePair, lost: string | undefined, survivor: Manager): Promise<string[]> {
  const { peers = {} } = await pair.master.evidence();
  return tellPeers(pair, peers, lost, survivor);
}

/** What of the proof is not so now. A host that cannot be looked at is warned of: nothing is done for it. */
async function sinceProven(
  session: Session,
  inputs: ManagerRegistrationInputs,
  proven: unknown,
): Promise<Pick<Planned<never>, "notSo" | "warnings">> {
  const looks = await Promise.all(inputs.managers.map((target) => session.glance(target, inputs)));
  const views = looks.flatMap((look) => ("problem" in look ? [] : [look.seen]));
  const down = views.filter(({ site }) => site.facts.beams.length === 0).map(({ site }) => site.manager.node);
  const nodes = views
    .flatMap(({ evidence }) => (evidence ? [evidence.nodes] : []))
    .find((each) => each.length > 0);
  const asked = views.map(({ evidence }) => evidence);
  const strangers = strangersIn(asked, pairOf(inputs));
  const others = otherPartners(pairOf(inputs), views);
  // Nothing is started or told on the word of a recovery that another one may have followed.
  if (others.length > 0) return { warnings: others.map((line) => `NOT SO ANY MORE: ${line}`) };
  return {
    notSo: notSo(
      pairOf(inputs),
      { down, strangers, ...(nodes && { followers: followersOf(nodes) }) },
      proven,
    ),
    warnings: looks.flatMap((look, index) =>
      "problem" in look ? [provenBefore(inputs.managers[index]!.node, proven, look.problem)] : [],
    ),
  };
}

/**
 * The load stands unless both managers were emptied by hand and formed a new pair since: then it is made again, or two
 * equally empty managers would pass as healthy.
 */
async function loadedStill({ master, slave }: RolePair, good: Manager, run: Run): Promise<void> {
  const journal = await readJournal(good.place);
  const file = entries.load.done(journal)?.file;
  if (file === undefined || entries.proven.isDone(journal)) return;
  await importDump({ first: master, second: slave }, good, file, run.progress.step);
}

async function readBaseline(
  site: Manager,
  { baseline, expected }: ManagerRegistrationInputs,
): Promise<Baseline | undefined> {
  const journal = await readJournal(site.place);
  if (entries.proven.isDone(journal)) return undefined;
  const dump = baseline || entries.dump.done(journal)?.path;
  if (!dump && !expected) return undefined;
  const latest = entries.final(site.manager.node).done(journal)?.path;
  const manifest = dump ? await verifyBackup(site.place, dump) : undefined;
  const last = latest === undefined ? undefined : await verifyBackup(site.place, latest);
  return {
    ring: manifest && sameRing(manifest, last) ? manifest.ring : undefined,
    oddRings: manifest ? oddBefore(manifest) : new Map(),
    nodes: (manifest?.nodes ?? []).map((node) => node.node),
    rows: expected ? await readDump(site, dumpFileOf(latest ?? expected)) : undefined,
  };
}

/** Arguments of `ManagerRegistration`. */
export interface ManagerRegistrationArgs extends CommonArgs {
  /** The two managers of the pair; `managers[0]` is the one that had the data. */
  managers: [ManagerTargetArgs, ManagerTargetArgs];
  /** Directory of the dump taken before the outage, on the host of `managers[0]`. */
  baseline?: pulumi.Input<string>;
  /** Directory of a dump, on the same host, whose rows the pair must hold. */
  expected?: pulumi.Input<string>;
  /** The pair has the names it had (in place). Default false. */
  sameNames?: pulumi.Input<boolean>;
  /** Which procedure stops both managers before this, for the plan. Default: none does. */
  offline?: pulumi.Input<Offline>;
  /** `rollback` puts both managers back as they were when the proof fails. Default `stop`. */
  onFailure?: pulumi.Input<OnFailure>;
  /** The lost manager, whose fence is lifted once the pair is proven. Default: it was not fenced. */
  fence?: FenceTargetArgs | undefined;
  /** How the hosts of storage and gateway nodes are reached: their confs name the pair then. Default: nobody logs in there. */
  nodes?: NodesTargetArgs | undefined;
}

/**
 * Makes the storage and gateway nodes follow the pair and proves the pair whole. `update-managers` changes the
 * memory of running nodes only; with `nodes` their conf files name the pair too, so that they follow it after their next
 * start. What was down or could not be reached is debt that the next `up` pays; without `nodes` what the conf files still
 * need is said in `nextSteps`.
 */
export class ManagerRegistration extends LeofsResource {
  declare readonly verdict: pulumi.Output<string>;
  declare readonly followers: pulumi.Output<Record<string, string>>;
  declare readonly down: pulumi.Output<string[]>;
  declare readonly strangers: pulumi.Output<string[]>;
  declare readonly debt: pulumi.Output<string[]>;
  declare readonly nextSteps: pulumi.Output<string[]>;
  declare readonly ring: pulumi.Output<string>;
  declare readonly outageSeconds: pulumi.Output<number>;
  declare readonly provenAt: pulumi.Output<string>;

  constructor(name: string, args: ManagerRegistrationArgs, opts?: pulumi.CustomResourceOptions) {
    const props = {
      ...args,
      baseline: args.baseline ?? "",
      expected: args.expected ?? "",
      sameNames: args.sameNames ?? false,
    };
    const known = ["verdict", "followers", "down", "strangers", "debt", "nextSteps", "ring"];
    super(
      "ManagerRegistration",
      "managerRegistration",
      name,
      props,
      [...known, "outageSeconds", "provenAt"],
      opts,
    );
  }
}
