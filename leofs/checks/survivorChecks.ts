import type { ManagerEvidence } from "../manager/evidence";
import { healthProblems } from "../manager/mnesiaHealth";
import { lacking, lackingToServe, memoryTablesOf, mnesiaGone } from "../manager/ready";
import { otherTables } from "../mnesia/dump";
import { FIRST_TABLES, LATE_TABLES } from "../mnesia/tables";
import type { CheckList } from "./check";
import { silenceMended } from "./silence";
import type { ManagerView } from "./view";

/** A survivor, and the node name that is called lost. */
interface Survivor {
  view: ManagerView;
  lost: string;
  /** The one called lost is alive and moves. */
  moves: boolean;
  /** It serves all the time and its tables are copied as they are. */
  online: boolean;
}

/** Whether it has the newest data, and all of it. */
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
        const { down: seen, cut } = health?.marks ?? {};
        if (cut !== undefined)
          return `${down} ${cut} in its Mnesia directory is too large to be read whole, so it is not known whether ${lost} went down before it. If the data of ${lost} can be had, recover that manager first; else start ${manager.spec.node} (${start}): with the newest data it serves alone. If it waits for ${lost} and the disc of that one is gone, these files are the only copy.`;
        const noted = seen?.get(lost);
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

/** The late tables, where nothing but these is missing, and the lost manager alone had them, in its memory. */
function onlyInMemoryOf(lost: string, evidence: ManagerEvidence | undefined): readonly string[] | undefined {
  const facts = LATE_TABLES.map((name) => evidence?.tables.get(name));
  const gone = facts.every((one) => one && !one.loaded && [...one.disc, ...one.memoryOnly].join() === lost);
  return gone && !lackingToServe(evidence, FIRST_TABLES) ? LATE_TABLES : undefined;
}
