import type { Clock } from "../../remote/clock";
import { messageOf } from "../../remote/errors";

/** A look that took place, or why it could not. */
export type Seen<T> = { seen: T } | { problem: string };

/** A look at a host that may fail: then why is what was seen. */
export async function tried<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { seen: await look() };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

const SHARED_FOR_MS = 4_000;
/** While nothing was made: the checks of many clusters come one after the other, step by step of all of them. */
const SHARED_FOR_LONG_MS = 30_000;
const LIMIT_MS = 5_000;
/** A host that did not answer is not asked again for every resource: each time would cost the limit. */
const PROBLEM_SHARED_FOR_MS = 60_000;

/** When a look came to its end, and whether there was nothing to see. */
interface Over {
  at: number;
  failed: boolean;
}

/** A host that is looked at for a plan. */
interface Glanced {
  /** Its name or address, for messages. */
  host: string;
  /** Whether a login to it stands by now. */
  connected(): boolean;
}

/** Looks for plans: limited in time, never an error, and shared by the resources of one run. */
export class Looks {
  private readonly taken = new Map<string, { over?: Over; look: Promise<Seen<unknown>> }>();

  /** @param made names of the clusters for which something was made: what was seen of them may not be so any more */
  constructor(
    private readonly clock: Clock,
    private readonly made: ReadonlySet<string>,
  ) {}

  /**
   * A look of the last seconds, or a new one.
   *
   * @param what names what is looked at
   * @param cluster what is made for others changes nothing of it. Default: it might
   */
  shared<T>(
    what: string,
    at: Glanced,
    look: () => Promise<T>,
    cluster: string | undefined,
  ): Promise<Seen<T>> {
    const known = this.taken.get(what);
    if (known && !this.isOld(known.over, cluster)) return known.look as Promise<Seen<T>>;
    const seen = this.limited(at, look);
    const entry: { over?: Over; look: Promise<Seen<T>> } = { look: seen };
    this.taken.set(what, entry);
    void seen.then((one) => {
      entry.over = { at: this.clock.now(), failed: "problem" in one };
    });
    return seen;
  }

  /** Whether a look is too old to be shared; one under way is not. */
  private isOld(over: Over | undefined, cluster: string | undefined): boolean {
    if (!over) return false;
    const changed = cluster === undefined ? this.made.size > 0 : this.made.has(cluster);
    const sharedFor = changed ? SHARED_FOR_MS : SHARED_FOR_LONG_MS;
    return this.clock.now() >= over.at + (over.failed ? PROBLEM_SHARED_FOR_MS : sharedFor);
  }

  /** A host that is far away, or busy, is late, but it does log in: then it is given the limit once more. */
  private async limited<T>({ host, connected }: Glanced, look: () => Promise<T>): Promise<Seen<T>> {
    const limit = `${LIMIT_MS / 1000} s`;
    const spell = async () => this.clock.limit(LIMIT_MS);
    const seen = tried(look);
    const early = await Promise.race([seen, spell()]);
    if (early) return early;
    if (!connected()) return { problem: `${host} did not answer within ${limit}` };
    const late = await Promise.race([seen, spell()]);
    return late ?? { problem: `${host} accepted the login, but did not answer within ${limit} more` };
  }
}
