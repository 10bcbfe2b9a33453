import { Command, InvalidArgumentError, Option } from "commander";
import type { Case } from "./results";

export interface Options {
  ways?: string[];
  cases: Case[];
  rounds: number;
  delay: number;
  users: number;
  copy: number;
  all: boolean;
  own: boolean;
  clusters: number[];
  parallel: number;
  ansible: string;
  fast: boolean;
  out: string;
}

const whole = (least: number) => (value: string) => {
  if (!/^\d{1,8}$/.test(value) || Number(value) < least)
    throw new InvalidArgumentError(`a whole number from ${least} to 99999999`);
  return Number(value);
};

/** What `npm run bench --` takes. */
export const program = new Command("npm run bench --")
  .description(
    "Recovers the same outages of a throw-away cluster by several ways, one after another in each round, and measures them from outside:\n" +
      "outage as a client that polls both consoles sees it, the whole command, the time until the first stop, logins counted at sshd,\n" +
      "peak memory of Pulumi's provider process. LeoFS's own waiting times. Needs what the demo needs; ansible where it is installed.",
  )
  .option(
    "--ways <names...>",
    "floor, by-hand, command-only, ansible, ours-offline, ours-online; default all",
  )
  .addOption(
    new Option("--cases <cases...>", "the outages")
      .choices(["takeover", "in-place"])
      .default(["takeover", "in-place"]),
  )
  .option("--rounds <n>", "how often each way recovers each outage", whole(1), 3)
  .option("--delay <ms>", "round-trip time between the operator and the hosts", whole(0), 0)
  .option("--users <n>", "users besides, written straight into the tables", whole(0), 0)
  .option(
    "--own",
    "only what each way takes by itself: the steps of LeoFS do nothing, or are found done",
    false,
  )
  .option("--copy <mib>", "instead: copies a file of that size between two hosts, beside scp", whole(1), 0)
  .option(
    "--clusters <n...>",
    "instead: so many clusters recovered by one `up`, and where the processor went. Hosts (sshd), managers, engine and providers are real; there are no storage and gateway nodes, and all of it shares this machine",
    (value: string, all: number[]) => [...all, whole(1)(value)],
    [],
  )
  .option(
    "--parallel <n>",
    "steps that Pulumi carries out at once; 0: its own default, four a processor",
    whole(0),
    0,
  )
  .option(
    "--all",
    "everything that docs/performance.md holds, one after another (an hour on two idle processors)",
    false,
  )
  .option("--ansible <program>", "ansible-playbook", "ansible-playbook")
  .option("--fast", "short waiting times in place of LeoFS's own: what is left is the ways' own", false)
  .option("--out <directory>", "results.json, table.md, comparison.svg, timeline-*.svg", "bench-results");
