import { atom, isList, isTuple, list, type Term, textOf, tuple } from "../../leofs/erlang/term";
import type { Manager } from "../../leofs/manager/manager";
import type { Break } from "./breaks";
import { LOST } from "./scene";

/** What Mnesia says to a schema transaction that it did. */
export const ATOMIC = tuple(atom("atomic"), atom("ok"));

/** A manager that answers a question otherwise; undefined: as it does. */
const answering =
  (other: (name: string, values: Readonly<Record<string, Term>>) => Term | undefined) =>
  (manager: Manager): Partial<Manager> => ({
    ask: async (question, values = {}, options) =>
      other(question.name, values) ?? manager.ask(question, values, options),
  });

/** Node names in a term, without some. */
function without(term: Term, gone: (node: string) => boolean): Term {
  if (isTuple(term)) return tuple(...term.items.map((item) => without(item, gone)));
  if (!isList(term)) return term;
  return list(
    term.items
      .filter((item) => item.kind !== "atom" || !gone(textOf(item) ?? ""))
      .map((item) => without(item, gone)),
  );
}

/** The manager that is lost, or moved, keeps its copies. */
export const TAKEN_OUT: Break = {
  name: "the copies of the one whose place is taken are taken out",
  broken: () => ({
    manager: (manager) => ({
      ask: async (question, values = {}, options) => {
        if (question.name === "drop node" && textOf(values.Node) === LOST) return ATOMIC;
        const answer = await manager.ask(question, values, options);
        return question.name === "replica facts" ? without(answer, (node) => node === LOST) : answer;
      },
      evidence: async () => {
        const seen = await manager.evidence();
        const others = (nodes: readonly string[]) => nodes.filter((node) => node !== LOST);
        const tables = [...seen.tables].map(
          ([name, fact]) => [name, { ...fact, disc: others(fact.disc) }] as const,
        );
        return { ...seen, knownManagers: others(seen.knownManagers), tables: new Map(tables) };
      },
    }),
  }),
};

/** Rules of the online recoveries, broken on purpose. */
const BREAKS: readonly Break[] = [
  {
    name: "only the other manager is stopped",
    broken: () => ({
      run: (name, _, run, { world, manager }) => {
        const serving = world.machines[0]!.manager;
        if (world.online && name === "stop" && manager !== serving) {
          serving.stop();
          serving.start();
        }
        return run();
      },
    }),
  },
  TAKEN_OUT,
  {
    name: "what an interrupted run left of a replica goes",
    broken: () => ({
      run: async (name, _, run) =>
        name === "replica directory" ? { code: 0, stdout: "755", stderr: "" } : run(),
    }),
  },
  {
    name: "a replica that was only begun is taken back",
    broken: () => ({
      manager: answering((name, { Node }) =>
        name === "drop node" && textOf(Node) !== LOST ? ATOMIC : undefined,
      ),
    }),
  },
  {
    name: "the serving manager counts its new partner in its memory",
    broken: () => ({
      manager: (manager) => ({
        ...answering((name) => (name === "partner in memory" ? list([]) : undefined))(manager),
        evidence: async () => ({ ...(await manager.evidence()), partners: [manager.settings.partner ?? ""] }),
      }),
    }),
  },
];

export const ONLINE_BREAKS = BREAKS.map(
  (one): Break => ({ ...one, name: `online: ${one.name}`, kind: "online" }),
);
