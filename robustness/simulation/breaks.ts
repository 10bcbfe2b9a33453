import { TABLES } from "../../leofs/mnesia/tables";
import type { RunResult } from "../../remote/host";
import { Gone } from "./circumstances";
import { outOfBackup } from "./files";
import type { Kind } from "./history";
import type { Intercept } from "./host";
import { section } from "./journalNotes";
import { treeText } from "./listings";
import { MOVE_BREAKS } from "./moveBreaks";
import { ONLINE_BREAKS } from "./onlineBreaks";
import type { Broken } from "./surroundings";
import type { SimulatedMachine } from "./world";

/** A rule of the product that is broken on purpose, by what it is told from outside, to see that the simulation says so. */
export interface Break {
  /** The rule that is left out. */
  name: string;
  /** What breaks it, for one `up`. */
  broken: () => Broken;
  /** The recoveries that have the rule. Default `offline`. */
  kind?: Kind;
}

const OK: RunResult = { code: 0, stdout: "", stderr: "" };

/** Lets a script, for those values, print something else. */
const instead =
  (
    script: string,
    print: (machine: SimulatedMachine, values: Record<string, unknown>) => Partial<RunResult> | undefined,
  ): Intercept =>
  async (name, values, run, machine) => {
    const other = name === script ? print(machine, values) : undefined;
    return other ? { ...OK, ...other } : run();
  };

/** The journal, without all that is noted of one step. */
const unnoted = (step: string): Broken => ({
  run: instead("write journal", (_, { entry }) =>
    entry === `${step}.begun` || entry === `${step}.done` ? {} : undefined,
  ),
});

/** The journal as other entries would print it. */
const journal = (change: (entries: Map<string, string>) => void): Broken => ({
  run: async (name, _, run, machine) => {
    const read = await run();
    if (name !== "read journal") return read;
    const entries = new Map(machine.journal.entries);
    change(entries);
    return { ...read, stdout: [...entries].map(([entry, text]) => section(entry, text)).join("") };
  },
});

export const BREAKS: readonly Break[] = [
  { name: "the journal says that a load was begun and done", broken: () => unnoted("load") },
  { name: "the journal says that a choice of the donor stands", broken: () => unnoted("guard") },
  {
    name: "a backup is compared with what it was taken of",
    broken: () => ({
      run: instead("hash tree", (machine, { directory }) => {
        // The first machine has the data.
        const { machines, rules } = machine.world;
        const last = rules.published
          .filter(({ host, path }) => host === machine && path.includes("/files-"))
          .at(-1);
        return machine === machines[0] && directory === machine.mnesia && last
          ? { stdout: treeText("t", outOfBackup(last.tree)) }
          : undefined;
      }),
    }),
  },
  {
    name: "what was only begun is not done",
    broken: () =>
      journal((entries) => {
        for (const [entry, text] of [...entries]) {
          const done = entry.replace(/\.begun$/, ".done");
          if (!entries.has(done)) entries.set(done, text);
        }
      }),
  },
  {
    name: "a manager that was started since is stopped first",
    // A service step names the lock that it respects; a step that stops by itself holds it.
    broken: () => ({ run: instead("stop", (_, { lock }) => (lock === undefined ? {} : undefined)) }),
  },
  {
    name: "what is loaded is the rows up to the stop",
    broken: () => ({ run: instead("dump copy", () => ({ code: 1, stdout: "not tried" })) }),
  },
  {
    name: "a load waits until every table is there",
    broken: () => ({
      manager: (manager) => ({
        evidence: async () => {
          const seen = await manager.evidence();
          const { knownManagers: disc, tables, mnesia } = seen;
          const made = { rows: 0, disc, memoryOnly: [], type: "set", loaded: true };
          return mnesia !== "yes"
            ? seen
            : { ...seen, tables: new Map(TABLES.map((name) => [name, tables.get(name) ?? made])) };
        },
      }),
    }),
  },
  {
    name: "every row is compared before it is called recovered",
    broken: () => {
      let expected:
        | Awaited<ReturnType<Parameters<NonNullable<Broken["manager"]>>[0]["readDump"]>>
        | undefined;
      return {
        manager: (manager) => ({
          readDump: async (file) => {
            const read = await manager.readDump(file);
            if (file.includes("/.proof-")) return expected ?? read;
            expected = read;
            return read;
          },
        }),
      };
    },
  },
  {
    name: "a load that was begun and arrived is not made again over what users changed",
    broken: () => journal((entries) => entries.delete("load.begun")),
  },
  {
    name: "a reply that did not come is no success",
    broken: () => ({
      run: (_name, _values, run) =>
        run().catch((error: unknown) => {
          if (error instanceof Gone) return OK;
          throw error;
        }),
    }),
  },
  ...ONLINE_BREAKS,
  ...MOVE_BREAKS,
];
