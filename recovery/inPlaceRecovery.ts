import * as pulumi from "@pulumi/pulumi";
import { givenStep } from "../leofs/incident/backups/restoreFiles";
import { startCommand, stopCommand } from "../leofs/incident/control";
import type { CopyTarget, ManagerTarget, ManagerTargetArgs, OnFailure } from "../providers/arguments";
import { ManagerRegistration } from "../providers/managerRegistration";
import { MnesiaBackup } from "../providers/mnesiaBackup";
import { MnesiaImport } from "../providers/mnesiaImport";
import { numberedPlan, outcomeOf, type RecoveryOutcome, secretTarget } from "./recovery";
import { serviceCommand, startStep, stopStep } from "./service";

/** Arguments of `InPlaceRecovery`. */
export interface InPlaceRecoveryArgs {
  /** Name of the cluster. */
  cluster: string;
  /** Name of the outage; a new one runs the recovery again. */
  incident: string;
  /** The two managers of the pair. */
  managers: [ManagerTarget, ManagerTarget];
  /** Index of the manager whose files are good, or `auto` for the one with the newest data. */
  donor: 0 | 1 | "auto";
  /** Refusals accepted by name. Default none. */
  accept?: string[];
  /** `rollback` puts both managers back as they were when the load or the proof fails. Default `stop`. */
  onFailure?: OnFailure;
  /** Where a second copy of every backup goes, on another host. Default: none is made. */
  copyTo?: CopyTarget | undefined;
}

/**
 * A manager's Mnesia files are damaged; same host, same node name. Stop both (the damaged one first, so that
 * the donor's files are the last word), back up both sets of files, put the donor's files in the damaged one's
 * directory, start both (donor first), prove.
 */
export class InPlaceRecovery extends pulumi.ComponentResource {
  /** Every step in order, as seen from the live hosts; empty when the recovery is done. */
  readonly plan: pulumi.Output<string[]>;
  readonly outcome: pulumi.Output<RecoveryOutcome>;

  constructor(name: string, args: InPlaceRecoveryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("leofs:recovery:InPlaceRecovery", name, {}, opts);
    const { cluster, incident, managers } = args;
    const common = { cluster, incident };
    const copied = { ...common, copyTo: args.copyTo && secretTarget(args.copyTo) };
    const secret: [ManagerTargetArgs, ManagerTargetArgs] = [
      secretTarget(managers[0]),
      secretTarget(managers[1]),
    ];
    const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });

    const dump = new MnesiaBackup(
      `${name}-dump`,
      {
        ...copied,
        kind: "dump",
        guard: {
          recovery: { kind: "inPlace", donor: args.donor },
          managers: secret,
          accept: args.accept ?? [],
        },
      },
      after(),
    );
    const sidesOf = (good: 0 | 1) => ({ donor: managers[good], damaged: managers[good === 0 ? 1 : 0] });
    const named = args.donor === "auto" ? undefined : args.donor;
    const sides =
      named === undefined ? dump.choice.apply(({ good }) => sidesOf(good)) : pulumi.output(sidesOf(named));
    const donor = named === undefined ? pulumi.secret(sides.apply((side) => side.donor)) : secret[named];
    const damaged =
      named === undefined ? pulumi.secret(sides.apply((side) => side.damaged)) : secret[named === 0 ? 1 : 0];

    const stopDamaged = serviceCommand(
      `${name}-stop-damaged`,
      sides.apply((side) => stopStep(side.damaged, common, `restore.${side.damaged.node}.done`)),
      incident,
      after(dump),
    );
    const stopDonor = serviceCommand(
      `${name}-stop-donor`,
      sides.apply((side) => stopStep(side.donor, common, `${givenStep(side.damaged.node)}.done`)),
      incident,
      after(stopDamaged),
    );
    const damagedFiles = new MnesiaBackup(
      `${name}-damaged-files`,
      { ...copied, kind: "files", clear: true, manager: damaged },
      after(stopDonor),
    );
    const donorFiles = new MnesiaBackup(
      `${name}-donor-files`,
      {
        ...copied,
        kind: "files",
        prove: true,
        manager: donor,
        settledBy: sides.apply((side) => givenStep(side.damaged.node)),
      },
      after(stopDonor),
    );
    const copy = new MnesiaImport(
      `${name}-copy`,
      {
        ...copied,
        kind: "files",
        from: donor,
        to: damaged,
        path: donorFiles.path,
        onFailure: args.onFailure,
      },
      after(damagedFiles, donorFiles),
    );
    const startDonor = serviceCommand(
      `${name}-start-donor`,
      sides.apply((side) => startStep(side.donor, common, side.damaged.node)),
      incident,
      after(copy),
    );
    const startDamaged = serviceCommand(
      `${name}-start-damaged`,
      sides.apply((side) => startStep(side.damaged, common, side.donor.node)),
      incident,
      after(startDonor),
    );
    const registration = new ManagerRegistration(
      `${name}-registration`,
      {
        ...common,
        managers: [donor, damaged],
        baseline: dump.path,
        expected: donorFiles.finalDump,
        sameNames: true,
        onFailure: args.onFailure,
      },
      after(startDamaged),
    );

    this.plan = numberedPlan([
      { title: "look, and dump the donor if it runs", resource: dump },
      {
        title: sides.apply(
          (side) =>
            `stop ${side.damaged.node} (${stopCommand(side.damaged)}), then the donor ${side.donor.node}: the outage of the managers begins; S3 goes on`,
        ),
      },
      { title: "back up the damaged files, then move their directory aside", resource: damagedFiles },
      { title: "back up the donor's files", resource: donorFiles },
      { title: "put the donor's files in the damaged manager's directory", resource: copy },
      {
        title: sides.apply(
          (side) =>
            `start the donor ${side.donor.node} (${startCommand(side.donor)}), at once ${side.damaged.node}`,
        ),
      },
      { title: "proof: the outage ends, 10 to 20 s after the stop", resource: registration },
    ]);
    this.outcome = outcomeOf(registration, copy, { dump, damagedFiles, donorFiles });
    this.registerOutputs({ plan: this.plan, outcome: this.outcome });
  }
}
