import { keyText } from "./dumpRows";

/**
 * Goes through two sequences of rows side by side, both in the order of their bytes, and calls back for each row that is
 * not the same in both: with both where the key is, else with the one that is there. Of either it holds what was read at once.
 *
 * Rows with one key lie together in either: no key's text is another's beginning, but for digits and letters, which
 * stand behind the comma that ends a key.
 */
export async function mergeRows(
  expected: AsyncIterable<readonly string[]>,
  actual: AsyncIterable<readonly string[]>,
  differ: (here: string | undefined, there: string | undefined) => void,
): Promise<void> {
  const [here, there] = [new Rows(expected), new Rows(actual)];
  try {
    for (;;) {
      if (here.spent) await here.read();
      if (there.spent) await there.read();
      const [one, other] = [here.row, there.row];
      if (one === undefined && other === undefined) return;
      const both = one !== undefined && other !== undefined;
      if (both && one === other) {
        here.pass();
        there.pass();
      } else if (both && keyText(one) === keyText(other)) {
        differ(one, other);
        here.pass();
        there.pass();
      } else if (other === undefined || (both && one < other)) {
        differ(one, undefined);
        here.pass();
      } else {
        differ(undefined, other);
        there.pass();
      }
    }
  } finally {
    await Promise.all([here.close(), there.close()]);
  }
}

/** A place in a sequence that is read many rows at a time. */
class Rows {
  private readonly batches: AsyncIterator<readonly string[]>;
  private batch: readonly string[] = [];
  private at = 0;
  private ended = false;

  constructor(rows: AsyncIterable<readonly string[]>) {
    this.batches = rows[Symbol.asyncIterator]();
  }

  /** The row here; undefined: there are no more, once it is not `spent`. */
  get row(): string | undefined {
    return this.batch[this.at];
  }

  /** Whether more has to be read to know the row here. */
  get spent(): boolean {
    return !this.ended && this.at >= this.batch.length;
  }

  pass(): void {
    this.at += 1;
  }

  async read(): Promise<void> {
    while (this.spent) {
      const { done, value } = await this.batches.next();
      this.ended = done ?? false;
      this.batch = done ? [] : value;
      this.at = 0;
    }
  }

  async close(): Promise<void> {
    await this.batches.return?.();
  }
}
