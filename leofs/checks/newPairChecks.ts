import { partnerProblems } from "../conf/conf";
import { totalBytes } from "../incident/backups/tree";
import { isFull, mayRename } from "../manager/place";
import { impossibleReplicas, systemProblems } from "../mnesia/systemConf";
import type { CheckList } from "./check";
import { writableAgain } from "./places";
import { dataFiles, type ManagerView } from "./view";

/** A fresh installation that takes the lost one's place. */
export const replacementChecks: CheckList<ManagerView> = {
  of: "the replacement",
  checks: [
    {
      name: "replacementData",
      test: (view) => {
        const files = dataFiles(view);
        return files.length > 0
          ? `${view.manager.host.label}: the replacement ${view.manager.spec.node} already holds Mnesia files (${files.length} in ${view.mnesia.path}, ${totalBytes(files)} bytes${view.evidence?.tables.size ? `; it runs and serves ${view.evidence.tables.size} tables` : ""}). A replacement must be a fresh installation. Are survivor and replacement swapped, or is the home another's? Set that right. Otherwise leave these files where they are and install the replacement into a home of its own.`
          : undefined;
      },
    },
    {
      name: "replacementRuns",
      level: "hazard",
      test: ({ manager }) =>
        manager.facts.beams.length > 0
          ? `${manager.spec.node} runs already, without tables; it is stopped first`
          : undefined,
    },
  ],
};

/** The master of the new pair, which starts with empty tables, whichever of the two it is. */
interface FreshMaster {
  view: ManagerView;
  /** The cluster's own values, as the survivor has them; empty when it cannot be asked. */
  cluster: Readonly<Record<string, string>>;
}

export const freshMasterChecks: CheckList<FreshMaster> = {
  of: "the master, which starts empty",
  checks: [
    {
      name: "systemConf",
      accept:
        "the master's `system.*` or `consistency.*` differ from the cluster's, and gateways may take them over for some seconds",
      test: ({ view: { manager }, cluster }) =>
        systemProblems(manager.settings.conf, cluster).map(
          (problem) =>
            `${manager.host.label}: ${problem} A master that starts empty hands its own values to running gateways before the dump is loaded.`,
        ),
    },
    {
      name: "impossibleConf",
      test: ({ view: { manager } }) =>
        impossibleReplicas(manager.settings.conf).map(
          (problem) => `${manager.host.label}: ${problem} A master stops itself at every start with that.`,
        ),
    },
  ],
};

/** A manager whose conf is to name another partner. */
interface NewPartner {
  view: ManagerView;
  wanted: string;
}

export const partnerChecks: CheckList<NewPartner> = {
  of: "a conf that is to name another partner",
  checks: [
    {
      name: "partner",
      test: ({ view: { manager }, wanted }) => {
        const problems = partnerProblems(manager.settings.conf, wanted);
        return problems.map((problem) => `${manager.host.label}: ${problem}`);
      },
    },
    {
      name: "confFixed",
      test: ({ view: { manager, places } }) =>
        places.confFixed === undefined
          ? undefined
          : `${manager.host.label}: nobody may change ${places.confFixed} (lsattr shows i): manager.partner could not be changed. Allow it: chattr -i ${places.confFixed}, and set it again after the recovery.`,
    },
    {
      name: "confLink",
      test: ({ view: { manager, places } }) => {
        const { user, linked } = places;
        if (!linked) return undefined;
        const what = `${manager.host.label}: ${linked.from} is a link to ${linked.file}`;
        if (!mayRename(linked, user, linked))
          return `${what}, and ${user} may not replace files in ${linked.path} (${linked.nearest} belongs to ${linked.owner}): manager.partner could not be changed. ${writableAgain(linked, "Give that directory to the user LeoFS runs as, or put the conf itself in the place of the link.")}`;
        return isFull(linked)
          ? `${what}, and the file system of that (mounted on ${linked.disk}) is full: manager.partner could not be changed. Free space or files on it.`
          : undefined;
      },
    },
  ],
};
