import type { Manager } from "./manager";
import type { Rows } from "./rows";
import type { Rules } from "./rules";

/** What an online recovery promises of the manager that serves: it is the same process all the time, and has every row. */
export class Serving {
  /** Its process at the beginning; undefined: nothing is promised. */
  private readonly pid: number | undefined;
  /** Its rows that were seen last. */
  private seen: Rows | undefined;

  constructor(
    private readonly rules: Rules,
    private readonly manager: Manager,
  ) {
    const { serves, vm } = manager;
    // Where somebody stopped it meanwhile, and users wrote to the other one, it need not have all.
    this.pid = serves && this.lacking(serves.rows) === undefined ? vm!.pid : undefined;
  }

  /** Sees that it is so. */
  see(): void {
    if (this.pid === undefined) return;
    const { node, serves, vm } = this.manager;
    if (!serves || vm!.pid !== this.pid) this.rules.violate(`${node} serves, and was stopped or started`);
    else if (serves.rows !== this.seen) {
      this.seen = serves.rows;
      const lacking = this.lacking(serves.rows);
      if (lacking) this.rules.violate(`${node} serves without ${lacking}`);
    }
  }

  /** A row that users were told is written, and that is not there as they wrote it. */
  private lacking({ cells }: Rows): string | undefined {
    for (const [name, version] of this.rules.acknowledged)
      if ((cells.get(name) ?? 0) !== version) return `${name} of version ${version}`;
    return undefined;
  }
}
