import { list, type Term, type Tuple } from "../erlang/term";
import { TermReader } from "../erlang/termParser";

/**
 * A row of a dump that is kept as text, and read again when somebody looks into it: as terms the rows of 200,000 users fill a
 * gigabyte.
 */
export class TextRow implements Tuple {
  readonly kind = "tuple" as const;

  constructor(
    private readonly source: string,
    private readonly from: number,
    private readonly to: number,
  ) {}

  /** As it stands in the dump, its dot included. */
  get text(): string {
    return this.source.slice(this.from, this.to);
  }

  get items(): Term[] {
    const term = new TermReader(this.text).term();
    return term.kind === "tuple" ? term.items : [];
  }

  /** Its second element, without reading the others. */
  get key(): Term {
    const { text } = this;
    const comma = text.indexOf(",");
    if (comma === -1 || text[1] === "'") return this.items[1] ?? list([]);
    return new TermReader(text.slice(comma + 1)).term();
  }
}
