import { atom, isList, isTuple, type Term, textOf, tuple } from "../../leofs/erlang/term";
import { withRow } from "./rows";
import type { RemoteEffect, SimulatedMachine } from "./world";

/** A question's values by name. */
export type Asked = Readonly<Record<string, Term>>;

/** What a question does to a manager that runs, and what it is answered. */
type Answered = (machine: SimulatedMachine, values: Asked) => RemoteEffect<Term>;

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
