import { inflateSync } from "node:zlib";
import { list, type Term } from "./term";

/** Bytes that are not a term in Erlang's external format. */
export class ExternalTermError extends Error {
  override readonly name = "ExternalTermError";
}

const MAX_DEPTH = 500;

/**
 * Decodes one term in Erlang's external format, as `term_to_binary` and Mnesia's files have it. Pids,
 * references, ports and funs become opaque terms without their content. Our own: decoders in JavaScript turn atoms, lists
 * and binaries into the same texts, and rows are compared term by term.
 * Throws {@link ExternalTermError} for anything that is not exactly one whole term.
 */
export function decodeTerm(bytes: Buffer): Term {
  if (bytes[0] !== 131) throw new ExternalTermError("no term: it does not begin with the version byte 131");
  try {
    const plain = bytes[1] === 80 ? inflateSync(bytes.subarray(6)) : bytes.subarray(1);
    const decoder = new Decoder(plain);
    const term = decoder.term();
    if (decoder.left() > 0) throw new ExternalTermError(`${decoder.left()} bytes behind the term`);
    return term;
  } catch (error) {
    if (error instanceof ExternalTermError) throw error;
    throw new ExternalTermError("the term is cut or damaged");
  }
}

/** Reads beyond the end make `Buffer` throw a RangeError, which {@link decodeTerm} turns into its own error. */
class Decoder {
  private at = 0;
  private depth = 0;

  constructor(private readonly bytes: Buffer) {}

  left(): number {
    return this.bytes.length - this.at;
  }

  term(): Term {
    if (this.depth > MAX_DEPTH) throw new ExternalTermError(`nested deeper than ${MAX_DEPTH}`);
    this.depth += 1;
    const term = this.read(this.byte());
    this.depth -= 1;
    return term;
  }

  private read(tag: number): Term {
    switch (tag) {
      case 97:
        return { kind: "integer", value: BigInt(this.byte()) };
      case 98:
        return { kind: "integer", value: BigInt(this.take(4).readInt32BE()) };
      case 110:
        return this.big(this.byte());
      case 111:
        return this.big(this.long());
      case 70:
        return { kind: "float", value: this.take(8).readDoubleBE() };
      case 99:
        return { kind: "float", value: Number.parseFloat(this.take(31).toString("latin1")) };
      case 100:
        return { kind: "atom", name: this.take(this.short()).toString("latin1") };
      case 115:
        return { kind: "atom", name: this.take(this.byte()).toString("latin1") };
      case 118:
        return { kind: "atom", name: this.take(this.short()).toString("utf8") };
      case 119:
        return { kind: "atom", name: this.take(this.byte()).toString("utf8") };
      case 104:
        return { kind: "tuple", items: this.terms(this.byte()) };
      case 105:
        return { kind: "tuple", items: this.terms(this.long()) };
      case 106:
        return { kind: "list", items: [] };
      case 107:
        return list([...this.take(this.short())].map((byte) => ({ kind: "integer", value: BigInt(byte) })));
      case 108: {
        const items = this.terms(this.long());
        return list(items, this.term());
      }
      case 109:
        return { kind: "binary", bytes: this.take(this.long()) };
      case 77:
        return this.bits();
      case 116:
        return this.map();
      default:
        return this.opaque(tag);
    }
  }

  private big(length: number): Term {
    const negative = this.byte() === 1;
    const hex = Buffer.from(this.take(length)).reverse().toString("hex");
    const value = hex === "" ? 0n : BigInt(`0x${hex}`);
    return { kind: "integer", value: negative ? -value : value };
  }

  private bits(): Term {
    const length = this.long();
    const bits = this.byte();
    const bytes = this.take(length);
    const value = (bytes[length - 1] ?? 0) >> (8 - bits);
    return { kind: "binary", bytes: bytes.subarray(0, -1), rest: { value, bits } };
  }

  private map(): Term {
    const count = this.count(this.long());
    const entries: [Term, Term][] = [];
    for (let index = 0; index < count; index += 1) entries.push([this.term(), this.term()]);
    return { kind: "map", entries };
  }

  private opaque(tag: number): Term {
    const kind = OPAQUE[tag];
    if (kind === undefined) throw new ExternalTermError(`unknown type ${tag}`);
    switch (tag) {
      case 103:
      case 88:
        this.term();
        this.take(tag === 88 ? 12 : 9);
        break;
      case 102:
      case 89:
      case 120:
        this.term();
        this.take({ 102: 5, 89: 8, 120: 12 }[tag]);
        break;
      case 101:
        this.term();
        this.take(5);
        break;
      case 114:
      case 90: {
        const words = this.short();
        this.term();
        this.take(4 * words + (tag === 90 ? 4 : 1));
        break;
      }
      case 113:
        this.terms(3);
        break;
      default:
        this.take(this.long() - 4);
    }
    return { kind: "opaque", text: kind };
  }

  private terms(count: number): Term[] {
    this.count(count);
    const items: Term[] = [];
    for (let index = 0; index < count; index += 1) items.push(this.term());
    return items;
  }

  /** A damaged count must not make us allocate: each term has at least one byte. */
  private count(count: number): number {
    if (count > this.left()) throw new ExternalTermError("the term is cut or damaged");
    return count;
  }

  private byte(): number {
    return this.take(1).readUInt8();
  }

  private short(): number {
    return this.take(2).readUInt16BE();
  }

  private long(): number {
    return this.take(4).readUInt32BE();
  }

  private take(length: number): Buffer {
    if (length < 0 || length > this.left()) throw new ExternalTermError("the term is cut or damaged");
    const part = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return part;
  }
}

const OPAQUE: Record<number, string> = {
  88: "<pid>",
  89: "#Port<>",
  90: "#Ref<>",
  101: "#Ref<>",
  102: "#Port<>",
  103: "<pid>",
  112: "#Fun<>",
  113: "#Fun<>",
  114: "#Ref<>",
  120: "#Port<>",
};
