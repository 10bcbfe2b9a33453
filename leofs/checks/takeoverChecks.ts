import { partnerProblems } from "../conf/conf";
import { totalBytes } from "../incident/backups/tree";
import type { Reach } from "../manager/ask";
import type { ManagerEvidence } from "../manager/evidence";
import { healthProblems } from "../manager/mnesiaHealth";
import { lacking, lackingToServe, memoryTablesOf, mnesiaGone } from "../manager/ready";
import { otherTables } from "../mnesia/dump";
import { impossibleReplicas, systemProblems } from "../mnesia/systemConf";
import { FIRST_TABLES, LATE_TABLES } from "../mnesia/tables";
import { type CheckList, examine, type Finding } from "./check";
import { incidentChecks } from "./incidentChecks";
import { isItself } from "./managerChecks";
import type { Method } from "./onlineChecks";
import { clusterChecks, pairFindings } from "./pairChecks";
import { isFull, managerFindings, mayRename, replacedFindings } from "./placeChecks";
import { writableAgain } from "./places";
import { silenceMended } from "./silence";
import { dataFiles, type ManagerView } from "./view";

/** A survivor, and the node name that is called lost. */
interface Survivor {
  view: ManagerView;
  lost: string;
  /** The one called lost is alive and moves. */
  moves: boolean;
  /** It serves all the time and its tables are copied as they are. */
  online: boolean;
}

/** The late tables, where nothing but these is missing, and the lost manager alone had them, in its memory. */
function onlyInMemoryOf(lost: string, evidence: ManagerEvidence | undefined): readonly string[] | undefined {
  const facts = LATE_TABLES.map((name) => evidence?.tables.get(name));
  const gone = facts.every((one) => one && !one.loaded && [...one.disc, ...one.memoryOnly].join() === lost);
  return gone && !lackingToServe(evidence, FIRST_TABLES) ? LATE_TABLES : undefined;
}

/** A manager whose conf is to name another partner. */
interface NewPartner {
  view: ManagerView;
  wanted: string;
}

/** Whether the manager at `label` reaches the one that runs. */
interface Distance {
  label: string;
  reach: Reach;
}

/** Every other manager that somebody of this cluster knows. */
export const otherChecks: CheckList<Reach> = {
  of: "other managers",
  checks: [
    {
      name: "otherAlive",
      test: ({ node, answers, evidence }) =>
        answers
          ? `${node} is a manager of this cluster, and it is alive (${evidence}). A takeover beside a living manager leads to split brain: two managers, each with rows of its own. Is it to be replaced? Then it is the one to be called lost: see first what users wrote on it (get-users, get-buckets), then stop it for good.`
          : undefined,
    },
  ],
};

export const lostChecks: CheckList<Reach> = {
  of: "the lost manager",
  checks: [
    {
      name: "lostAnswers",
      test: ({ node, answers, evidence }) =>
        answers
          ? `${node} is called lost, but it answers (${evidence}). A takeover beside a living manager leads to split brain. Use in-place recovery. Is it to be replaced all the same? See first what users wrote on it (get-users, get-buckets), which may be nowhere else, then stop it for good.`
          : undefined,
    },
    {
      name: "lost",
      level: "fact",
      test: ({ node, answers, evidence }) => (answers ? undefined : `${node} does not answer (${evidence})`),
    },
  ],
};

export const survivorChecks: CheckList<Survivor> = {
  of: "the survivor",
  checks: [
    {
      // Before the others, which speak of the lost manager: a survivor that is down has its conf.
      name: "lostUnknown",
      accept:
        "the survivor has another partner than the one I call lost, and I know that this partner is gone too",
      test: ({ view: { manager, evidence }, lost }) => {
        const partners =
          evidence?.partners ?? [manager.settings.partner ?? [], manager.settings.generated.partners].flat();
        return partners.includes(lost)
          ? undefined
          : `${manager.host.label}: ${manager.spec.node} has the partner ${[...new Set(partners)].join(", ") || "none"}, not ${lost}, which is called lost. A wrong name never answers, so this proves nothing: the real partner may be alive: give the lost manager's node name as that partner.`;
      },
    },
    {
      name: "survivorFiles",
      decides: true,
      test: ({ view: { manager, health, mnesia } }) => {
        if (manager.facts.beams.length > 0) return undefined;
        const problems = health ? healthProblems(health) : [`${mnesia.path} cannot be read`];
        return problems.length > 0
          ? `${manager.host.label}: the survivor ${manager.spec.node} is down, and its Mnesia files are not whole: ${problems.slice(0, 3).join("; ")}. A takeover would lose what they lack. Keep a copy of ${mnesia.path} as it is, then put what is missing or damaged back from a backup.`
          : undefined;
      },
    },
    {
      name: "survivorDown",
      decides: true,
      accept:
        "the survivor is down, so its files may lack what was written to the lost manager after it, and I take them as the newest data there is",
      test: ({ view: { manager, health }, lost }) => {
        if (manager.facts.beams.length > 0) return undefined;
        const start = `${manager.spec.home}/bin/leo_manager start`;
        const down = `${manager.host.label}: the survivor ${manager.spec.node} is down, so it cannot be asked whether it has the newest data.`;
        const noted = health?.marks.down.get(lost);
        return noted !== undefined
          ? `${down} Its files note that ${lost} went down before it, at ${noted}: it starts without it. Start it (${start}), then run pulumi up again.`
          : `${down} Its files do not note that ${lost} went down before it: started alone it would wait for ${lost} and stop itself. If the data of ${lost} can be had, recover that manager first; if its disc is gone, these files are the only copy.`;
      },
    },
    {
      name: "survivorSilent",
      decides: true,
      test: ({ view }) => {
        const { manager, evidence, silence } = view;
        return evidence
          ? undefined
          : `${manager.host.label}: ${manager.spec.node} runs (process ${manager.facts.beams.join(", ")}) but does not answer${silence ? `: ${silence.reason}` : ""}. ${silenceMended(view)}`;
      },
    },
    {
      name: "survivorTables",
      decides: true,
      test: ({ view: { manager, evidence }, lost }) => {
        const gone = mnesiaGone(evidence, manager.spec);
        if (gone)
          return `${manager.host.label}: the survivor ${manager.spec.node} ${gone}. Then run pulumi preview again: it looks at the files.`;
        const late = onlyInMemoryOf(lost, evidence);
        if (late)
          return `${manager.host.label}: the survivor ${manager.spec.node} serves all that users have. But ${late.join(", ")}, which define LeoFS's statistics, are in the memory of ${lost} alone: a dump was loaded before LeoFS had made them. Without them there is no dump that a new pair could start from. Have ${lost} run again (it makes them again, empty) and copy each of them, there: mnesia:add_table_copy(${late[0]}, '${manager.spec.node}', disc_copies). If it cannot run again, ${manager.spec.node} goes on serving: do not stop it, and keep a dump of it.`;
        const missing =
          memoryTablesOf(evidence).length > 0
            ? lackingToServe(evidence)
            : lacking(evidence, [manager.spec.node]);
        return (
          missing &&
          `${manager.host.label}: the survivor ${manager.spec.node} ${missing}. A manager that waits for ${lost} was stopped before it and does not have the newest data: the cluster must not continue from it.`
        );
      },
    },
    {
      name: "survivor",
      level: "fact",
      test: ({ view: { manager }, lost, moves }) =>
        moves
          ? undefined
          : `${manager.spec.node} has the newest data: it serves every table, and ${lost} does not`,
    },
    {
      name: "otherTables",
      level: "hazard",
      test: ({ view: { manager, evidence }, online }) => {
        const { tables } = evidence!;
        const names = otherTables(tables.keys());
        if (names.length === 0 || online) return undefined;
        const listed = names.map((name) => `${name} (${tables.get(name)!.rows} rows)`).join(", ");
        return `${manager.spec.node} has tables that LeoFS 1.4.4 does not have: ${listed}. Where the new pair's LeoFS does not make them they are not loaded, and their rows stay in the backup.`;
      },
    },
    {
      name: "lostConnected",
      level: "hazard",
      test: ({ view: { manager, evidence }, lost }) =>
        evidence!.connected.includes(lost)
          ? `${manager.spec.node} still counts ${lost} among its connections`
          : undefined,
    },
  ],
};

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

/** A pair that cannot connect never forms, and both would be without tables by then. */
export const distanceChecks: CheckList<Distance> = {
  of: "the way between the two managers",
  checks: [
    {
      name: "reach",
      test: ({ label, reach: { node, answers, evidence } }) =>
        answers
          ? undefined
          : `${label} cannot reach ${node} over Erlang distribution (${evidence}). The pair would never form. Open epmd's port (4369) and the distribution ports between the two hosts.`,
    },
  ],
};

/**
 * What speaks for and against a takeover, before its first change.
 *
 * @param lost whether the lost manager answers; of one that moves its name alone, for whom `moveChecks` are
 * @param resuming the dump of this incident was taken before, or more, so the survivor may be stopped or empty by now
 *   and the replacement may hold the new tables: only what must hold all the same is looked at.
 */
export function takeoverFindings(
  survivor: ManagerView,
  replacement: ManagerView,
  lost: Reach | string,
  resuming: boolean,
  method: Method = "offline",
): Finding[] {
  const own = [...managerFindings(survivor), ...managerFindings(replacement)];
  const gone = typeof lost === "string" ? [] : examine(lostChecks, lost);
  const name = typeof lost === "string" ? lost : lost.node;
  if (!isItself(survivor) || !isItself(replacement)) return [...own, ...gone];
  const master = [survivor, replacement].find(({ manager }) => manager.settings.role === "master");
  const always = [
    ...own,
    ...replacedFindings(survivor, [survivor, replacement]),
    ...pairFindings([survivor, replacement]),
    ...gone,
    ...examine(partnerChecks, { view: survivor, wanted: replacement.manager.spec.node }),
    ...examine(partnerChecks, { view: replacement, wanted: survivor.manager.spec.node }),
    ...examine(incidentChecks, { rolledBack: false, goesOn: resuming }),
  ];
  if (resuming) return always;
  return [
    ...always,
    ...examine(survivorChecks, {
      view: survivor,
      lost: name,
      moves: typeof lost === "string",
      online: method === "online",
    }),
    ...examine(replacementChecks, replacement),
    ...(master ? examine(freshMasterChecks, { view: master, cluster: survivor.evidence?.system ?? {} }) : []),
    ...examine(clusterChecks, survivor),
  ];
}
