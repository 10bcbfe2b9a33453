import { entries } from "../leofs/incident/entries";
import { startCommand, stopCommand } from "../leofs/manager/control";
import type { ManagerTarget } from "../providers/targets/arguments";
import { online } from "./online";
import {
  CHECK,
  checkStep,
  other as damaged,
  good as donor,
  OFFLINE_RISK,
  output,
  type Recipe,
} from "./recipe";
import { startStep, stopStep } from "./serviceStep";
import type { RecoveryArgs } from "./settings/args";

/** Arguments of `InPlaceRecovery`. */
export interface InPlaceRecoveryArgs extends RecoveryArgs {
  /** The two managers of the pair. */
  managers: [ManagerTarget, ManagerTarget];
  /** Index of the manager whose files are good, or `auto` for the one with the newest data. */
  donor: 0 | 1 | "auto";
}

/**
 * A manager's Mnesia files are damaged; same host, same node name. Stop the damaged one, back its files up and move them
 * aside, then stop the donor (so its files are the last word) and back those up, put them in the damaged one's directory,
 * start both, prove. LeoFS takes them in either order: the donor loads by itself, the other one from it.
 */
export function inPlace({ managers, donor: givenDonor, ...shared }: InPlaceRecoveryArgs): Recipe {
  const { cluster, incident, accept = [], copyTo, onFailure, nodes } = shared;
  const common = { cluster, incident };
  const copied = { ...common, copyTo };

  const recovery = { kind: "inPlace" as const, donor: givenDonor };
  const good = givenDonor === "auto" ? undefined : givenDonor;
  if (shared.method === "online") return online({ ...shared, recovery, managers, good });

  return {
    ...common,
    managers,
    good,
    risk: OFFLINE_RISK,
    steps: [
      checkStep({ ...copied, recovery, managers, accept }),
      {
        name: "dump",
        after: [CHECK],
        title: "dump the donor if it runs",
        make: { resource: "mnesiaBackup", inputs: { ...copied, kind: "dump", manager: donor } },
      },
      {
        name: "stop-damaged",
        after: ["dump"],
        title: ({ other }) => `stop ${other.node}, if it runs`,
        detail: ({ other }) => stopCommand(other),
        make: {
          service: (sides) => stopStep(sides, "other", common, entries.restore(sides.other.node).doneFile),
        },
      },
      {
        name: "damaged-files",
        after: ["stop-damaged"],
        title: "back up the damaged files, then move their directory aside",
        make: {
          resource: "mnesiaBackup",
          inputs: { ...copied, kind: "files", clear: true, manager: damaged },
        },
      },
      {
        // Whoever starts the damaged manager by hand between two runs finds it without files then: while the donor is down
        // nobody can write to the other one.
        name: "stop-donor",
        after: ["damaged-files"],
        title: ({ good }) => `stop the donor ${good.node}: the outage of the managers begins; S3 goes on`,
        detail: ({ good }) => stopCommand(good),
        make: {
          service: (sides) => stopStep(sides, "good", common, entries.given(sides.other.node).doneFile),
        },
      },
      {
        name: "donor-files",
        after: ["stop-donor"],
        title: "back up the donor's files",
        make: { resource: "mnesiaBackup", inputs: { ...copied, kind: "files", manager: donor } },
      },
      {
        name: "copy",
        after: ["donor-files"],
        title: "put the donor's files in the damaged manager's directory",
        make: {
          resource: "mnesiaImport",
          inputs: {
            ...copied,
            kind: "files",
            from: donor,
            to: damaged,
            path: output("donor-files.path"),
            onFailure,
          },
        },
      },
      {
        name: "start-donor",
        after: ["copy"],
        title: ({ good, other }) => `start the donor ${good.node} and at once ${other.node}`,
        detail: ({ good, other }) => `${startCommand(good)}, ${startCommand(other)}`,
        make: {
          service: ({ good, other }) => startStep(good, other, common, entries.given(other.node).doneFile),
        },
      },
      {
        name: "start-damaged",
        after: ["copy"],
        make: {
          service: ({ good, other }) => startStep(other, good, common, entries.restore(other.node).doneFile),
        },
      },
      {
        // Beside the starts: it loads a copy of the backup, and the originals that are started are kept in it byte by byte.
        name: "donor-rows",
        after: ["copy"],
        title: "prove the donor's backup loadable: every row up to the stop",
        make: { resource: "mnesiaBackup", inputs: { ...copied, kind: "rows", manager: donor } },
      },
      {
        name: "registration",
        after: ["start-donor", "start-damaged", "donor-rows"],
        title: "proof: the outage ends",
        make: {
          resource: "managerRegistration",
          inputs: {
            ...common,
            managers: [donor, damaged],
            baseline: output("dump.path"),
            expected: output("donor-rows.path"),
            sameNames: true,
            offline: "inPlace",
            onFailure,
            nodes,
          },
        },
      },
    ],
  };
}
