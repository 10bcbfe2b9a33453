import type * as pulumi from "@pulumi/pulumi";
import { Incident, readIncident } from "../leofs/incident/readIncident";
import { startCommand, stopCommand } from "../leofs/manager/control";
import type { Manager } from "../leofs/manager/manager";
import { outageSeconds } from "../leofs/pair/outage";
import { isRolledBack, lookAtRollback, requireRollback } from "../leofs/pair/rollback/mayRollBack";
import { rollBack } from "../leofs/pair/rollback/rollBack";
import { type RollbackSide, type RollbackSides, servesBefore } from "../leofs/pair/rollback/rollbackState";
import { undumped } from "../leofs/pair/rollback/usedSince";
import { notReached, urgent, WOULD_STOP } from "../leofs/planLine";
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
} from "./arguments";
import { liftAfterRollback } from "./fencing";
import type { Handler } from "./handler";
import { returnMoved, wasMove } from "./moving";
import { returnConfs, returnText } from "./nodeConfs";
import { nodesProblems } from "./nodeTargets";
import { holdLock, releaseLock } from "./pairLock";
import { LeofsResource } from "./resource";
import type { Session } from "./session";

/** Inputs of `RecoveryRollback` as its provider gets them. */
export interface RecoveryRollbackInputs extends Common {
  /** The two managers as the recovery was given them, in any order. */
  managers: [ManagerTarget, ManagerTarget];
  /** The lost manager, if the recovery fenced it: its fence is lifted. Default: it was not. */
  fence?: FenceTarget | undefined;
  /** How the hosts of storage and gateway nodes are reached, if the recovery was told: their confs are put back. */
  nodes?: NodesTarget | undefined;
}

/** Outputs of `RecoveryRollback`. */
export interface RecoveryRollbackOutputs {
  verdict: string;
  /** From the stop of the manager with the data until it was back as before; 0 when it was not stopped. */
  outageSeconds: number;
  evidence: string[];
}

export const recoveryRollback = (
  session: Session,
): Handler<RecoveryRollbackInputs, RecoveryRollbackOutputs> => ({
  problems: (inputs) => [
    ...pairProblems(inputs),
    ...(inputs.nodes ? nodesProblems("nodes", inputs.nodes) : []),
  ],

  later: [],

  identity: pairIdentity,

  async look(inputs) {
    const seen = await Promise.all(inputs.managers.map((target) => session.glance(target, inputs)));
    const problems = seen.flatMap((view, index) =>
      "problem" in view ? [notReached(`${inputs.managers[index as 0 | 1].node}: ${view.problem}`)] : [],
    );
    if (problems.length > 0) return { plan: [...problems, WOULD_STOP] };
    const views = seen.flatMap((view) => ("seen" in view ? [view.seen] : []));
    const managers = views.map(({ manager }) => manager) as [Manager, Manager];
    const journals = views.map(({ manager, journal }) => [manager.spec.node, journal] as const);
    const incident = new Incident(inputs.incident, new Map(journals));
    const { sides, why } = await lookAtRollback(managers, incident);
    if (sides && isRolledBack(sides)) return { plan: [] };
    if (!sides || why) return { plan: [urgent(`WOULD BE REFUSED: ${why}`)] };
    const replica = sides.online
      ? [
          `take the replica on ${sides.other.manager.spec.node} out of the tables of ${sides.good.manager.spec.node}, which goes on serving`,
        ]
      : [];
    const serves = servesBefore(sides);
    const good = serves ? { ...sides.good, running: true } : sides.good;
    const moved = wasMove(sides.good.journal) ? [`start ${inputs.fence?.node}: it ran before`] : [];
    const lift = inputs.fence ? [`lift the fence of ${inputs.fence.node}`, ...moved] : [];
    return {
      plan: [
        ...rowsFirst(sides),
        ...(serves ? servesFirst(sides) : []),
        ...replica,
        ...[sides.other, good].flatMap((side) => sidePlan(side, inputs.incident)),
        ...lift,
        ...returnText(incident),
      ],
    };
  },

  async converge(inputs, run) {
    run.progress.step("checking whether the incident can be rolled back");
    const { managers, incident: before } = await session.open(inputs.managers, inputs);
    // Before the lock, so that a refusal leaves no trace; rollBack looks again under it.
    await requireRollback(managers, before, inputs.cluster);
    await holdLock(session, inputs.managers, inputs, run.progress);
    run.touching();
    // A step of the recovery may have written in them until the lock was taken.
    const incident = await readIncident(inputs.incident, managers);
    const evidence = await rollBack(managers, incident, inputs.cluster, run.progress.step);
    evidence.push(...(await liftAfterRollback(session, incident, inputs.fence, inputs, run.progress)));
    evidence.push(...(await returnMoved(session, managers, incident, inputs.fence, run.progress)));
    evidence.push(...(await returnConfs(session, incident, inputs.nodes, inputs, run.progress)));
    await releaseLock(session, inputs.managers);
    run.progress.note(`rolled back: both managers are as they were before ${inputs.incident}`);
    const outages = await Promise.all(
      managers.map((manager) => outageSeconds(manager, incident.on(manager))),
    );
    return { verdict: "rolled back", outageSeconds: Math.max(...outages), evidence };
  },

  /** What was put back belongs to the cluster again: it may change as it likes. */
  observe: async () => ({}),
  /** Confs of nodes that were left for want of the way there are put back once it is given. */
  drifted: (state, { nodes }) => nodes !== undefined && state.nodes === undefined,
});

/** Whether users wrote since is told by the rows of that backup. */
function rowsFirst(sides: RollbackSides): string[] {
  const backup = undumped(sides);
  return backup === undefined
    ? []
    : [
        `${sides.good.manager.spec.node}: load a copy of ${backup} and dump its rows; the rollback is refused where users wrote since`,
      ];
}

/** It runs before anything of the other one is put back: what users wrote through that one comes to it. */
const servesFirst = ({ good, other }: RollbackSides): string[] =>
  good.running
    ? []
    : [
        `start ${good.manager.spec.node} (${startCommand(good.manager.spec)}): it serves every table, with ${other.manager.spec.node} where it waits for that one, before anything is put back`,
      ];

function sidePlan(side: RollbackSide, incident: string): string[] {
  const { manager, before, original, running, replaces, stops } = side;
  const { node } = manager.spec;
  const { mnesiaDirectory } = manager.settings;
  const lines = [
    ...(stops ? [`stop ${node} (${stopCommand(manager.spec)})`] : []),
    `${node}: conf and partner as before the incident, byte for byte`,
  ];
  if (replaces && original?.backup)
    lines.push(
      `${node}: ${mnesiaDirectory} as it was (${original.aside ?? original.backup}), each file by SHA-256; what is there now is moved to ${mnesiaDirectory}.${incident}.undone`,
    );
  else if (replaces)
    lines.push(
      `${node}: ${mnesiaDirectory} empty as it was; what is there now is moved to ${mnesiaDirectory}.${incident}.undone`,
    );
  else lines.push(`${node}: its Mnesia files were not touched`);
  if (!before.running) lines.push(`${node}: down, as before`);
  else if (stops || !running) lines.push(`start ${node} (${startCommand(manager.spec)}): it ran before`);
  else lines.push(`${node}: goes on running`);
  return lines;
}

/** Arguments of `RecoveryRollback`. */
export interface RecoveryRollbackArgs extends CommonArgs {
  /** The two managers as the recovery was given them, in any order. */
  managers: [ManagerTargetArgs, ManagerTargetArgs];
  /** The lost manager, if the recovery fenced it: its fence is lifted. Default: it was not. */
  fence?: FenceTargetArgs | undefined;
  /** How the hosts of storage and gateway nodes are reached, if the recovery was told: their confs are put back. */
  nodes?: NodesTargetArgs | undefined;
}

/**
 * Puts both managers back as they were before an incident: Mnesia files, modes, owners, conf, whom the nodes follow, who
 * was running. Refused once the recovery is proven, or the new pair was put to use. Nothing is deleted. Afterwards the
 * incident is over: a new one recovers again.
 */
export class RecoveryRollback extends LeofsResource {
  declare readonly verdict: pulumi.Output<string>;
  /** From the stop of the manager with the data until it was back as before; 0 when it was not stopped. */
  declare readonly outageSeconds: pulumi.Output<number>;

  constructor(name: string, args: RecoveryRollbackArgs, opts?: pulumi.CustomResourceOptions) {
    super("RecoveryRollback", "recoveryRollback", name, { ...args }, ["verdict", "outageSeconds"], opts);
  }
}
