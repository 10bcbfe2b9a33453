import { otherMethod } from "../incident/begunWith";
import type { Reach } from "../manager/ask";
import type { TableFact } from "../manager/evidence";
import { lackingToServe, memoryTablesOf } from "../manager/ready";
import { lacksRoom } from "../manager/schemaRoom";
import { otherTables } from "../mnesia/dump";
import type { CheckList } from "./check";
import { serves } from "./donor";
import type { Method } from "./recoveryCase";
import type { ManagerView } from "./view";

/** What the checks of a method look at. */
interface MethodView {
  /** The manager that has the data. */
  serving: ManagerView;
  method: Method;
  /** The method that the incident was begun with; undefined: nothing was done beyond its check. */
  begunWith: Method | undefined;
  /** The manager that is made from it. */
  other: string;
  /** The manager whose place that one takes; undefined: its own. */
  lost: string | undefined;
  /** That one is alive and moves. */
  moves: boolean;
}

/** The other way to recover; a manager that moves has none. */
const orOffline = ({ moves }: MethodView): string =>
  moves ? "" : " Or take method: online out of the settings: the documented procedure stops both managers.";

export const methodChecks: CheckList<MethodView> = {
  of: "the method",
  checks: [
    {
      name: "method",
      decides: true,
      test: ({ method, begunWith }) =>
        begunWith !== undefined && begunWith !== method ? otherMethod(begunWith) : undefined,
    },
    {
      name: "online",
      level: "fact",
      test: ({ serving, method, begunWith }) =>
        method === "offline" && begunWith === undefined && serves(serving)
          ? `with method: online ${serving.manager.spec.node} would not be stopped`
          : undefined,
    },
    {
      name: "memoryTable",
      decides: true,
      test: ({ serving, method, begunWith }) => {
        const { host, spec } = serving.manager;
        const memory = memoryTablesOf(serving.evidence);
        // Offline, a table that its own load made comes to this as well: the import knows the way out.
        if (memory.length === 0 || (method === "offline" && begunWith !== undefined)) return undefined;
        const why =
          method === "online" ? "hand it on like that" : "lose it when it is stopped for its backup";
        return `${host.label}: ${spec.node} has ${memory.join(", ")} in memory only, and would ${why}. Put it on disc, on ${spec.node}: mnesia:change_table_copy_type(${memory[0]}, node(), disc_copies).`;
      },
    },
    {
      name: "onlineServes",
      decides: true,
      test: (view) => {
        const { serving, method, moves } = view;
        const { host, spec } = serving.manager;
        return method === "online" && !serves(serving)
          ? `${host.label}: ${moves ? "a move" : "method: online"} needs a manager that serves, and ${spec.node} ${servesNot(serving)}. Have it serve first, if it has the newest data.${orOffline(view)}`
          : undefined;
      },
    },
    {
      name: "schemaRoom",
      test: ({ serving: { manager, places, mnesia }, method }) =>
        method === "online" ? lacksRoom(manager, places.mnesia, mnesia.files) : undefined,
    },
    {
      name: "otherReplica",
      test: (view) => {
        const { serving, other, lost, method } = view;
        const { host, spec } = serving.manager;
        const mine = [spec.node, other, ...(lost ? [lost] : [])];
        const [first, ...others] = method === "online" ? strangersOf(serving, mine) : [];
        return first === undefined
          ? undefined
          : `${host.label}: tables of ${spec.node} are also on ${[first, ...others].join(", ")}, which is not of this pair. If a manager of that name is in use, the settings name the wrong pair. If it is gone for good, take it out, on ${spec.node}: mnesia:del_table_copy(schema, '${first}').${orOffline(view)}`;
      },
    },
    {
      name: "lostTable",
      accept:
        "tables whose only copy is on the lost or damaged manager are given up; their rows stay in that one's files",
      test: ({ serving, other, lost = other, method }) => {
        const { host, spec } = serving.manager;
        const tables = method === "online" ? [...(serving.evidence?.tables ?? [])] : [];
        const apart = tables
          .filter(([, { loaded, disc, memoryOnly }]) => !loaded && [...disc, ...memoryOnly].join() === lost)
          .map(([name]) => name);
        return apart.length === 0
          ? undefined
          : `${host.label}: ${spec.node} knows ${apart.join(", ")}, but the only copy is on ${lost}. Its rows cannot be read while that one is down, and the new pair would be without the table. Are they needed? Then have ${lost} run again and copy it, there: mnesia:add_table_copy(${apart[0]}, '${spec.node}', disc_copies).`;
      },
    },
    {
      name: "carriedTables",
      level: "fact",
      test: ({ serving, other, method }) => {
        const { tables = new Map<string, TableFact>() } = serving.evidence ?? {};
        const names = otherTables(tables.keys()).filter((name) => tables.get(name)?.loaded);
        if (method !== "online" || names.length === 0) return undefined;
        const listed = names.map((name) => `${name} (${tables.get(name)?.rows} rows)`).join(", ");
        return `tables that LeoFS 1.4.4 does not have are copied to ${other} with the rest: ${listed}`;
      },
    },
  ],
};

/** Whether a manager that has the data reaches the host of the one that gets it. */
export const wayChecks: CheckList<{ serving: string; way: Reach }> = {
  of: "the way to the other manager",
  checks: [
    {
      name: "reachBack",
      test: ({ serving, way: { node, answers, evidence } }) =>
        answers
          ? undefined
          : `${serving} does not reach the host of ${node} (${evidence}). The two could not form a pair. Open epmd's port (4369) and the distribution ports between the two hosts.`,
    },
  ],
};

/** Managers that the tables are on, or that its Mnesia knows, and that are not of this recovery. */
function strangersOf({ evidence }: ManagerView, mine: readonly string[]): string[] {
  if (!evidence) return [];
  const names = [...evidence.knownManagers, ...[...evidence.tables.values()].flatMap(({ disc }) => disc)];
  return [...new Set(names)].filter((name) => !mine.includes(name)).sort();
}

function servesNot(view: ManagerView): string {
  if (view.manager.facts.beams.length === 0) return "is down";
  return lackingToServe(view.evidence) ?? "does not";
}
