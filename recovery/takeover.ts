import { entries } from "../leofs/incident/entries";
import { startCommand, stopCommand } from "../leofs/manager/control";
import type { Role } from "../leofs/names";
import type { FenceTarget, ManagerTarget } from "../providers/targets/arguments";
import { online } from "./online";
import {
  CHECK,
  checkStep,
  firstOf,
  good,
  OFFLINE_RISK,
  other,
  output,
  type Recipe,
  type Side,
  type Sides,
} from "./recipe";
import { startStep, stopStep } from "./serviceStep";
import type { RecoveryArgs } from "./settings/args";

/** Arguments of `Takeover`. */
export interface TakeoverArgs extends RecoveryArgs {
  /** Node name of the manager that is gone. */
  lost: string;
  /** The manager that still serves, and holds the data. */
  survivor: ManagerTarget;
  /** A fresh installation that takes the lost one's place, with another node name. */
  replacement: ManagerTarget;
  /** The lost manager on its host, to be kept from starting until the recovery is proven. Default: it is not fenced. */
  fence?: Omit<FenceTarget, "node"> | undefined;
}

/**
 * A manager is gone; a new one takes its place. Dump on the survivor, stop both, back up and clear the Mnesia
 * directories, point `manager.partner` at each other, start the master and at once the slave, load, prove, tell
 * the nodes, prove.
 *
 * The order is LeoFS's own need: a fresh pair forms only from two empty directories, with the master first
 * (slave first failed 6 of 6 times), and a dump may be loaded only when every table is on disc on both.
 */
export function takeover({ lost, survivor, replacement, fence: home, ...shared }: TakeoverArgs): Recipe {
  const { cluster, incident, accept = [], copyTo, onFailure, nodes } = shared;
  const common = { cluster, incident };
  const copied = { ...common, copyTo };
  const fence = home && { ...home, node: lost };
  const recovery = { kind: "takeover" as const, lost };
  if (shared.method === "online")
    return online({ ...shared, recovery, managers: [survivor, replacement], good: 0, lost, fence });
  const stop = (side: Side) => ({
    service: (sides: Sides) => stopStep(sides, side, common, entries.clear(sides[side].node).doneFile),
  });
  const start = (target: ManagerTarget, beside: ManagerTarget, only?: Role) =>
    startStep(target, beside, common, entries.clear(target.node).doneFile, only);
  const files = (manager: unknown) => ({ ...copied, kind: "files", clear: true, manager });
  const partner = (manager: unknown, node: string) => ({ ...common, manager, partner: node });

  return {
    ...common,
    managers: [survivor, replacement],
    good: 0,
    risk: OFFLINE_RISK,
    steps: [
      checkStep({ ...copied, recovery, managers: [good, other], accept, fence }),
      {
        name: "dump",
        after: [CHECK],
        title: `dump the survivor ${survivor.node}`,
        make: { resource: "mnesiaBackup", inputs: { ...copied, kind: "dump", manager: good } },
      },
      {
        name: "stop-survivor",
        after: ["dump"],
        title: `stop ${survivor.node} and see that ${replacement.node} is down: the outage of the managers begins; S3 goes on`,
        detail: () => stopCommand(survivor),
        make: stop("good"),
      },
      // It holds nothing, so this need not wait for the dump; and the command plugin starts meanwhile.
      { name: "stop-replacement", after: [CHECK], make: stop("other") },
      {
        name: "replacement-files",
        after: ["dump", "stop-replacement"],
        title: `see that ${replacement.node} holds nothing`,
        make: { resource: "mnesiaBackup", inputs: files(other) },
      },
      {
        name: "survivor-files",
        // After the other: a pair that somebody starts by hand can form only once both are noted as cleared.
        after: ["stop-survivor", "replacement-files"],
        title: `back up the files of ${survivor.node}, then clear its directory`,
        make: { resource: "mnesiaBackup", inputs: { ...files(good), prove: true } },
      },
      {
        name: "survivor-partner",
        after: ["stop-survivor"],
        title: `partner of ${survivor.node}`,
        make: { resource: "managerPartnerConfig", inputs: partner(good, replacement.node) },
      },
      {
        name: "replacement-partner",
        after: ["dump", "stop-replacement"],
        title: `partner of ${replacement.node}`,
        make: { resource: "managerPartnerConfig", inputs: partner(other, survivor.node) },
      },
      {
        // The master is started first, whichever of the two it is. Which one is known on the survivor's host, and not asked
        // of an earlier step: when that one is refused, these must not stop the other clusters of the stack.
        name: "start-survivor-if-master",
        after: ["survivor-files", "replacement-files", "survivor-partner", "replacement-partner"],
        title: ({ master, slave }) => `start the master ${master.node}, at once the slave ${slave.node}`,
        detail: ({ master, slave }) => `${startCommand(master)}, ${startCommand(slave)}`,
        make: { service: () => start(survivor, replacement, "master") },
      },
      {
        name: "start-replacement",
        after: ["start-survivor-if-master"],
        make: { service: () => start(replacement, survivor) },
      },
      {
        name: "start-survivor",
        after: ["start-replacement"],
        make: { service: () => start(survivor, replacement) },
      },
      {
        name: "load",
        after: ["start-survivor"],
        title: "load the dump",
        make: {
          resource: "mnesiaImport",
          inputs: {
            ...copied,
            kind: "dump",
            from: good,
            to: other,
            path: firstOf("survivor-files.finalDump", "dump.path"),
            onFailure,
            fence,
          },
        },
      },
      {
        name: "registration",
        after: ["load"],
        title: "registration and proof: the outage ends",
        make: {
          resource: "managerRegistration",
          inputs: {
            ...common,
            managers: [good, other],
            baseline: output("dump.path"),
            expected: "",
            sameNames: false,
            offline: "takeover",
            onFailure,
            fence,
            nodes,
          },
        },
      },
    ],
  };
}
