import * as pulumi from "@pulumi/pulumi";
import { startCommand, stopCommand } from "../leofs/incident/control";
import type { CopyTarget, FenceTarget, ManagerTarget, OnFailure } from "../providers/arguments";
import { ManagerPartnerConfig } from "../providers/managerPartnerConfig";
import { ManagerRegistration } from "../providers/managerRegistration";
import { MnesiaBackup } from "../providers/mnesiaBackup";
import { MnesiaImport } from "../providers/mnesiaImport";
import { numberedPlan, outcomeOf, type RecoveryOutcome, secretTarget } from "./recovery";
import { serviceCommand, startStep, stopStep } from "./service";

/** Arguments of `Takeover`. */
export interface TakeoverArgs {
  /** Name of the cluster. */
  cluster: string;
  /** Name of the outage; a new one runs the recovery again. */
  incident: string;
  /** Node name of the manager that is gone. */
  lost: string;
  /** The manager that still serves, and holds the data. */
  survivor: ManagerTarget;
  /** A fresh installation that takes the lost one's place, with another node name. */
  replacement: ManagerTarget;
  /** The lost manager on its host, to be kept from starting until the recovery is proven. Default: it is not fenced. */
  fence?: Omit<FenceTarget, "node"> | undefined;
  /** Refusals accepted by name. Default none. */
  accept?: string[];
  /** `rollback` puts both managers back as they were when the load or the proof fails. Default `stop`. */
  onFailure?: OnFailure;
  /** Where a second copy of every backup goes, on another host. Default: none is made. */
  copyTo?: CopyTarget | undefined;
}

/**
 * A manager is gone; a new one takes its place. Dump on the survivor, stop both, back up and clear the Mnesia
 * directories, point `manager.partner` at each other, start the master and at once the slave, load, prove, tell
 * the nodes, prove.
 *
 * The order is LeoFS's own need: a fresh pair forms only from two empty directories, with the master first
 * (slave first failed 6 of 6 times), and a dump may be loaded only when every table is on disc on both.
 */
export class Takeover extends pulumi.ComponentResource {
  /** Every step in order, as seen from the live hosts; empty when the recovery is done. */
  readonly plan: pulumi.Output<string[]>;
  readonly outcome: pulumi.Output<RecoveryOutcome>;

  constructor(name: string, args: TakeoverArgs, opts?: pulumi.ComponentResourceOptions) {
    super("leofs:recovery:Takeover", name, {}, opts);
    const { cluster, incident, lost, survivor, replacement } = args;
    const common = { cluster, incident };
    const copied = { ...common, copyTo: args.copyTo && secretTarget(args.copyTo) };
    const [from, to] = [secretTarget(survivor), secretTarget(replacement)];
    const fence = args.fence && secretTarget<FenceTarget>({ ...args.fence, node: lost });
    const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });

    const dump = new MnesiaBackup(
      `${name}-dump`,
      {
        ...copied,
        kind: "dump",
        guard: {
          recovery: { kind: "takeover", lost },
          managers: [from, to],
          accept: args.accept ?? [],
          fence,
        },
      },
      after(),
    );
    const stopSurvivor = serviceCommand(
      `${name}-stop-survivor`,
      stopStep(survivor, common, `clear.${survivor.node}.done`),
      incident,
      after(dump),
    );
    const stopReplacement = serviceCommand(
      `${name}-stop-replacement`,
      stopStep(replacement, common, `clear.${replacement.node}.done`),
      incident,
      after(dump),
    );
    const rest = new MnesiaBackup(
      `${name}-replacement-files`,
      { ...copied, kind: "files", clear: true, manager: to },
      after(stopReplacement),
    );
    // After the other: a pair that somebody starts by hand can form only once both are noted as cleared.
    const files = new MnesiaBackup(
      `${name}-survivor-files`,
      { ...copied, kind: "files", prove: true, clear: true, manager: from },
      after(stopSurvivor, rest),
    );
    const partnerOfSurvivor = new ManagerPartnerConfig(
      `${name}-survivor-partner`,
      { ...common, manager: from, partner: replacement.node },
      after(stopSurvivor),
    );
    const partnerOfReplacement = new ManagerPartnerConfig(
      `${name}-replacement-partner`,
      { ...common, manager: to, partner: survivor.node },
      after(stopReplacement),
    );
    // The master is started first, whichever of the two it is. Which one is known on the survivor's host, and not
    // asked of an earlier resource: when that one is refused, these must not stop the other clusters of the stack.
    const startFirst = serviceCommand(
      `${name}-start-survivor-if-master`,
      startStep(survivor, common, replacement.node, "master"),
      incident,
      after(files, rest, partnerOfSurvivor, partnerOfReplacement),
    );
    const startReplacement = serviceCommand(
      `${name}-start-replacement`,
      startStep(replacement, common, survivor.node),
      incident,
      after(startFirst),
    );
    const startSurvivor = serviceCommand(
      `${name}-start-survivor`,
      startStep(survivor, common, replacement.node),
      incident,
      after(startReplacement),
    );
    const load = new MnesiaImport(
      `${name}-load`,
      {
        ...copied,
        kind: "dump",
        from,
        to,
        path: pulumi.all([dump.path, files.finalDump]).apply(([taken, last]) => last || taken),
        master: dump.choice.apply(({ master }) => (master === 0 ? "from" : "to")),
        onFailure: args.onFailure,
        fence,
      },
      after(startSurvivor),
    );
    const registration = new ManagerRegistration(
      `${name}-registration`,
      { ...common, managers: [from, to], baseline: dump.path, onFailure: args.onFailure, fence },
      after(load),
    );

    this.plan = numberedPlan([
      { title: `look, and dump the survivor ${survivor.node}`, resource: dump },
      {
        title: `stop ${survivor.node} (${stopCommand(survivor)}) and see that ${replacement.node} is down: the outage of the managers begins; S3 goes on`,
      },
      { title: `back up the files of ${survivor.node}, then clear its Mnesia directory`, resource: files },
      { title: `see that ${replacement.node} holds nothing`, resource: rest },
      { title: `partner of ${survivor.node}`, resource: partnerOfSurvivor },
      { title: `partner of ${replacement.node}`, resource: partnerOfReplacement },
      {
        title: dump.choice.apply(({ master }) => {
          const [first, second] = master === 0 ? [survivor, replacement] : [replacement, survivor];
          return `start the master ${first.node} (${startCommand(first)}), at once the slave ${second.node}`;
        }),
      },
      { title: "load the dump", resource: load },
      { title: "registration and proof: the outage ends, 15 to 25 s after the stop", resource: registration },
    ]);
    this.outcome = outcomeOf(registration, load, { dump, survivorFiles: files, replacementFiles: rest });
    this.registerOutputs({ plan: this.plan, outcome: this.outcome });
  }
}
