import * as finals from "../../leofs/incident/backups/finalDump";
import * as trees from "../../leofs/incident/backups/tree";
import * as controls from "../../leofs/incident/control";
import * as journals from "../../leofs/incident/journal";
import * as ready from "../../leofs/manager/ready";
import * as dumpCompare from "../../leofs/mnesia/dumpCompare";
import * as compares from "../../leofs/pair/compare";
import * as pairs from "../../leofs/pair/pair";
import { put } from "./put";
import { SimulatedHost, stage } from "./seams";
import { Gone } from "./world";

/** A rule of the product that is broken on purpose, from outside, to see that the simulation says so. */
export interface Break {
  /** The rule that is left out. */
  name: string;
  /** Breaks it. @returns what mends it */
  apply: () => () => void;
}

/** The journal, without all that is noted of one step. */
function unnoted(step: string): () => void {
  const { begin, finish } = journals;
  const mend = [
    put(journals, "begin", async (place, name, record) => {
      if (name !== step) await begin(place, name, record);
    }),
    put(journals, "finish", async (place, name, record) => {
      if (name !== step) await finish(place, name, record);
    }),
  ];
  return () => {
    for (const one of mend) one();
  };
}

export const BREAKS: readonly Break[] = [
  { name: "the journal says that a load was begun and done", apply: () => unnoted("load") },
  { name: "the journal says that a choice of the donor stands", apply: () => unnoted("guard") },
  {
    name: "a backup is compared with what it was taken of",
    apply: () => put(trees, "treeDifferences", () => []),
  },
  {
    name: "what was only begun is not done",
    apply: () => {
      const { readJournal } = journals;
      return put(journals, "readJournal", async (place) => {
        const { begun, done } = await readJournal(place);
        return { begun, done: new Map([...begun, ...done]) };
      });
    },
  },
  {
    name: "a manager that was started since is stopped first",
    apply: () => put(controls, "stopManager", async () => ""),
  },
  {
    name: "what is loaded is the rows up to the stop",
    apply: () => put(finals, "finalDump", async () => ({ problem: "not tried" })),
  },
  {
    name: "a load waits until every table is there",
    apply: () =>
      put(pairs, "waitForPair", async ({ first, second }) => {
        for (;;) {
          const [one, other] = [await ready.askIfThere(first), await ready.askIfThere(second)];
          if (one?.mnesia === "yes" && other?.mnesia === "yes") return { first: one, second: other };
          await stage.world.wait(500);
        }
      }),
  },
  {
    name: "every row is compared before it is called recovered",
    apply: () => {
      const { compareDumps } = dumpCompare;
      return put(dumpCompare, "compareDumps", (one) => compareDumps(one, one));
    },
  },
  {
    name: "a load that was begun and arrived is not made again over what users changed",
    apply: () => put(compares, "hasArrived", () => false),
  },
  {
    name: "a reply that did not come is no success",
    apply: () => {
      const { run } = SimulatedHost.prototype;
      return put(SimulatedHost.prototype, "run", async function (this: SimulatedHost, ...call) {
        return run.apply(this, call).catch((error: unknown) => {
          if (error instanceof Gone) return { code: 0, stdout: "", stderr: "" };
          throw error;
        });
      });
    },
  },
];
