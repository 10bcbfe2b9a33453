import { createHash } from "node:crypto";
import { decodeTerm } from "../erlang/externalTerm";
import { isAtom, isTuple, type Term } from "../erlang/term";

/** How a disk_log file (Mnesia's `.DCD`, `.DCL`, `LATEST.LOG`, `DECISION_TAB.LOG`) begins: magic, then a mark. */
const MAGIC = Buffer.of(1, 2, 3, 4);
const CLOSED = Buffer.of(99, 88, 77, 11);
const OPEN = Buffer.of(6, 7, 8, 9);
/** Stands behind the size of each item. */
const ITEM = Buffer.of(98, 87, 76, 65);
/** Items of this size or more carry the MD5 of their size in front. */
const LARGE = 65_528;

export interface LogWalk {
  /** Whether the file was closed in order. An open one belongs to a running manager or to one that was killed. */
  closed: boolean;
  items: Term[];
  /** Why the file cannot be read to its end; undefined when it can. */
  damage: string | undefined;
  /** Whether the damage is an item at the end that is not complete, or zeros: of an open file Mnesia cuts it off itself. */
  cutAtEnd: boolean;
}

/** Walks through all items of a disk_log file, checking the structure and decoding each term. Read here, since Erlang would repair a file that it opens. */
export function walkLog(bytes: Buffer): LogWalk {
  const walk: LogWalk = { closed: false, items: [], damage: undefined, cutAtEnd: false };
  const mark = bytes.subarray(4, 8);
  walk.closed = mark.equals(CLOSED);
  if (bytes.length < 8) walk.damage = bytes.length === 0 ? "it is empty" : "it ends in its header";
  else if (!bytes.subarray(0, 4).equals(MAGIC)) walk.damage = "it does not begin like an Erlang log";
  else if (!walk.closed && !mark.equals(OPEN))
    walk.damage = "the mark behind its first four bytes is unknown";
  else walkItems(bytes, walk);
  return walk;
}

function walkItems(bytes: Buffer, walk: LogWalk): void {
  let at = 8;
  while (at < bytes.length) {
    // As a failure of the power leaves a file that had grown on disc before its bytes were there.
    if (bytes.subarray(at).every((byte) => byte === 0)) {
      walk.damage = `it ends in ${bytes.length - at} zero bytes (byte ${at})`;
      walk.cutAtEnd = true;
      return;
    }
    const size = bytes.length - at < 8 ? undefined : bytes.readUInt32BE(at);
    if (size !== undefined && !bytes.subarray(at + 4, at + 8).equals(ITEM)) {
      walk.damage = `no item where one should begin (byte ${at})`;
      return;
    }
    const start = at + (size !== undefined && size >= LARGE ? 24 : 8);
    if (size === undefined || start + size > bytes.length) {
      walk.damage = `its last item is cut (byte ${at})`;
      walk.cutAtEnd = true;
      return;
    }
    const sum = createHash("md5")
      .update(bytes.subarray(at, at + 4))
      .digest();
    if (size >= LARGE && !bytes.subarray(at + 8, at + 24).equals(sum)) {
      walk.damage = `an item's checksum is wrong (byte ${at})`;
      return;
    }
    try {
      walk.items.push(decodeTerm(bytes.subarray(start, start + size)));
    } catch {
      walk.damage = `an item cannot be read (byte ${at})`;
      return;
    }
    at = start + size;
  }
}

/** The `log_header` that Mnesia writes first: which kind of log, and the node that wrote it. */
export function logHeader(items: readonly Term[]): { kind: Term; node: Term } | undefined {
  const first = items[0];
  if (!isTuple(first) || !isAtom(first.items[0], "log_header")) return undefined;
  const [, kind, , , node] = first.items;
  return kind && node ? { kind, node } : undefined;
}
