import { parseArgs } from "node:util";
import { wholeNumber } from "../../test/commandLine";
import { DURATIONS, type Duration, FAULTS, type Fault } from "./support/faults";
import { SCENARIOS, type Scenario } from "./support/scenarios";

export const HELP = `npm run test:faults -- WHAT [OPTIONS]     faults at every remote operation of a recovery, on real hosts

  --all                 every case: each operation of a clean run x each fault x once and lasting, in all ten scenarios
  --sample N            N cases, chosen by the seed
  --replay CASE         one case by its name, as a failing one prints it
  --resume FILE         goes on with the results in FILE (what was chosen with --all or --sample; --all is assumed)

  --table FILE...       the table of these results, run by several processes for example

  --seed S              chooses the sample and the order (default: new; it is printed)
  --scenario NAME       only this one, more than once if wanted: ${SCENARIOS.join(", ")}
  --fault NAME          only this fault, more than once if wanted: ${FAULTS.join(", ")}
  --duration D          only cases whose fault comes once, or is lasting
  --jobs N              sandboxes at once (2); a case that hangs costs time and no processor
  --shard K/N           only the Kth of N parts, for N processes or machines at once
  --minutes M           begins no case after M minutes
  --results FILE        where the results go, one JSON line each (default: a new file among the temporary ones)
  Ctrl-C                no further case is begun; once more: its sandboxes are taken down and it ends

  --engine              through the real Pulumi engine (Automation API); default: see below
  --help

Everything is real but the engine: sshd, shells, files, Erlang, Mnesia, the program, its providers, SSH. To run a thousand
cases in hours and not in days the program's resources are made, by default, by one small process that keeps the engine's
rules (robustness/matrix/processes/upWithoutEngine.ts): it is that process that is killed. With --engine it is Pulumi itself, and
what is killed is the process of its dynamic providers, or (cli-...) the \`pulumi\` that runs them: then every process that it
started must end by itself, and \`pulumi cancel\` must free the stack.

A case: a fresh cluster in the situation of the scenario; one up with the fault (a lasting kill: two; of the engine: up to
six, each killed a little later than the one before); the fault is lifted; one further up. It must succeed, and every promise is then looked at without the product's code. "not met": the
operation did not come up this time (a poll); such a case counts for nothing.
In the online scenarios and the moves a client makes and removes users through the serving manager during the whole case, fifty times a
second at most: one command that fails or is not answered within 15 s, or a serving manager that is another process at the
end, is a failure.
As root only: disk full, denied, short write (they mount file systems and need a second user).`;

export interface Arguments {
  what: "all" | "sample" | "replay" | "table";
  tables: string[];
  sample: number;
  replay: string;
  seed: string | undefined;
  scenarios: Scenario[];
  /** None: all. */
  faults: Fault[];
  /** Undefined: both. */
  duration: Duration | undefined;
  jobs: number;
  /** Which part of how many. */
  shard: [number, number];
  minutes: number;
  results: string | undefined;
  engine: boolean;
}

/** Reads the command line. @throws with what is wrong. */
export function readArguments(args: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: args.includes("--table"),
    options: {
      all: { type: "boolean" },
      sample: { type: "string" },
      replay: { type: "string" },
      resume: { type: "string" },
      seed: { type: "string" },
      scenario: { type: "string", multiple: true },
      fault: { type: "string", multiple: true },
      duration: { type: "string" },
      jobs: { type: "string" },
      shard: { type: "string", default: "1/1" },
      minutes: { type: "string" },
      results: { type: "string" },
      table: { type: "boolean" },
      engine: { type: "boolean", default: false },
    },
  });
  const scenarios = (values.scenario ?? [...SCENARIOS]) as Scenario[];
  const unknown = scenarios.filter((one) => !SCENARIOS.includes(one));
  if (unknown.length > 0) throw new Error(`there is no scenario ${unknown.join(", ")}`);
  const faults = (values.fault ?? []) as Fault[];
  const strange = faults.filter((one) => !FAULTS.includes(one));
  if (strange.length > 0) throw new Error(`there is no fault ${strange.join(", ")}`);
  const durations: readonly (string | undefined)[] = [...DURATIONS, undefined];
  if (!durations.includes(values.duration)) throw new Error(`--duration is ${DURATIONS.join(" or ")}`);
  const what = values.table
    ? "table"
    : values.replay
      ? "replay"
      : values.sample
        ? "sample"
        : values.all || values.resume
          ? "all"
          : undefined;
  if (!what) throw new Error("one of --all, --sample, --replay, --resume, --table is needed");
  const [part, parts, ...more] = values.shard.split("/").map((value) => wholeNumber("shard", value));
  if (!part || !parts || part > parts || more.length > 0)
    throw new Error(`--shard is K/N, such as 1/4, not ${values.shard}`);
  // Its program runs in this process, and there it must be alone.
  if (values.engine && (values.jobs ?? "1") !== "1") throw new Error("--engine goes with --jobs 1");
  return {
    what,
    tables: positionals,
    sample: values.sample ? wholeNumber("sample", values.sample) : 0,
    replay: values.replay ?? "",
    seed: values.seed,
    scenarios,
    faults,
    duration: values.duration as Duration | undefined,
    jobs: wholeNumber("jobs", values.jobs ?? (values.engine ? "1" : "2")),
    shard: [part, parts],
    minutes: values.minutes ? wholeNumber("minutes", values.minutes) : Number.POSITIVE_INFINITY,
    results: values.resume ?? values.results,
    engine: values.engine,
  };
}
