import { atom, isList, isTuple, list, type Term, textOf, tuple } from "../../leofs/erlang/term";
import type { RemoteEffect } from "./circumstances";
import type { Database, Manager } from "./manager";
import { addCopy, drop, join, replicaFacts } from "./replica";
import { withRow } from "./rows";
import type { SimulatedMachine } from "./world";

/** A question's values by name. */
export type Asked = Readonly<Record<string, Term>>;

/** What a question does to a manager that runs, and what it is answered. */
type Answered = (machine: SimulatedMachine, values: Asked) => RemoteEffect<Term>;

function databaseOf({ node, serves }: Manager): Database {
  if (!serves) throw new Error(`${node}: Mnesia is not running`);
  return serves;
}

const itemsOf = (term: Term | undefined): readonly Term[] => (isList(term) ? term.items : []);

/** The product's questions to a running manager, by name, besides those that the manager's interface has a method for. */
export const QUESTIONS: Record<string, Answered> = {
  "update managers": ({ world }, { Managers }) => ({
    steps: [
      () => {
        if (world.storage.up) world.storage.follows = itemsOf(Managers).map((name) => textOf(name) ?? "");
      },
    ],
    answer: () => atom("ok"),
  }),
  "way to": () => ({ steps: [], answer: () => atom("reached") }),
  "replica facts": ({ manager }) => ({
    steps: [],
    answer: () => replicaFacts(databaseOf(manager)),
  }),
  "join replica": (machine, { New }) => {
    const node = textOf(New)!;
    const made = machine.world.machines.find(({ manager }) => manager.node === node)?.manager;
    return join(databaseOf(machine.manager), node, made, (ms) => machine.world.pass(ms));
  },
  "add copy": ({ manager, world }, { New, Table }) =>
    addCopy(databaseOf(manager), textOf(New)!, textOf(Table)!, (ms) => world.pass(ms)),
  "note down": ({ manager }, { Down }) => ({
    steps: [() => manager.noteDown(textOf(Down)!)],
    answer: () => atom("ok"),
  }),
  "drop node": ({ manager }, { Node }) => drop(databaseOf(manager), textOf(Node)!),
  "partner in memory": ({ manager: { vm } }, { Partners }) => {
    const before = vm!.partner;
    return {
      steps: [
        () => {
          vm!.partner = textOf(itemsOf(Partners)[0]) ?? "";
        },
      ],
      answer: () => list([atom(before)]),
    };
  },
  "remove rows": ({ manager }, { Rows }) => ({
    steps: [
      () => {
        const database = manager.serves;
        for (const row of database ? itemsOf(Rows) : []) {
          const [table, key] = isTuple(row) ? row.items.map(textOf) : [];
          database!.rows = withRow(database!.rows, `${table}|${key}`, 0);
        }
      },
    ],
    answer: () => tuple(atom("atomic"), atom("ok")),
  }),
};
