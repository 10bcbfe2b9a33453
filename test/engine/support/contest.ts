/** How two stacks that want to recover the same pair differ. */
export const RIVALRIES = ["the same incident", "another incident", "another backup directory"] as const;
export type Rivalry = (typeof RIVALRIES)[number];

/** What the operator who comes second must be told. */
export interface Refusal {
  /** Process of the one who is first, and their incident. */
  pid: number;
  incident: string;
}

const REFUSAL =
  /Another recovery works on this pair: \S+@\S+ \(process (\d+) of this machine[^)]*\), incident (\S+), since \d{4}-\d\d-\d\dT\S+Z, last sign of life \d+ s ago\. Wait for it \([^)]*\)\. If it is certain that it is over, break its lock with (?:`rm \S+` on \S+ and )+try again\./;

/** Reads the refusal that a message holds; undefined when it holds none that is complete. */
export function refusalIn(message: string): Refusal | undefined {
  const [, pid, incident] = REFUSAL.exec(message) ?? [];
  return pid && incident ? { pid: Number(pid), incident } : undefined;
}

/** What was not as it must be, in words. A run goes on after one, so that it shows how often. */
export class Violations {
  readonly found: string[] = [];

  constructor(private name = "") {}

  /** Names what is looked at from now on. */
  within(name: string): void {
    this.name = name;
  }

  require(holds: boolean, what: string): void {
    if (!holds) this.found.push(`${this.name}: ${what}`);
  }
}
