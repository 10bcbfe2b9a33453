import { createHash } from "node:crypto";
import { decodeTerm } from "../erlang/externalTerm";
import { atomName, isAtom, isList, isTuple, property, type Term } from "../erlang/term";
import { formatTerm } from "../erlang/termPrinter";

/** Parts of the header of `schema.DAT`, a dets file of version 9. */
const COOKIE = 0x00abcdef;
const VERSION = 9;
const HEADER_BYTES = 184;
/** Stands in front of each group of objects that is in use. */
const IN_USE = Buffer.of(0x12, 0x34, 0x56, 0x78);

/** What a Mnesia schema file says. */
export interface SchemaFile {
  /** Why the file cannot be trusted; undefined when all of its objects were read. */
  damage: string | undefined;
  /** Whether it was closed in order. */
  closed: boolean;
  /** Mnesia's name for this schema: both managers of a pair carry the same one, another pair another one. */
  cookie: string | undefined;
  /** Node names that keep each table on disc, by table; the schema itself is the table `schema`. */
  copies: Map<string, string[]>;
}

/** Reads `schema.DAT`: header, its checksum, its length, every table's description. Read here, since dets writes to a file that it opens. */
export function readSchema(bytes: Buffer): SchemaFile {
  const schema: SchemaFile = {
    damage: headerDamage(bytes),
    closed: false,
    cookie: undefined,
    copies: new Map(),
  };
  if (schema.damage) return schema;
  schema.closed = bytes.readUInt32BE(8) !== 0;
  if (schema.closed && bytes.readUInt32BE(bytes.length - 4) !== bytes.length)
    schema.damage = "it does not have the length that it was closed with";
  for (const object of objects(bytes)) {
    if (object === undefined) schema.damage ??= "a place in it that should hold a table cannot be read";
    const [tag, name, properties] = isTuple(object, 3) ? object.items : [];
    const table = atomName(name);
    if (!isAtom(tag, "schema") || table === undefined || !isList(properties)) continue;
    const copies = property(properties, "disc_copies");
    schema.copies.set(
      table,
      isList(copies) ? copies.items.flatMap((node) => atomName(node) ?? []).sort() : [],
    );
    const cookie = property(properties, "cookie");
    if (table === "schema" && cookie) schema.cookie = formatTerm(cookie);
  }
  const count = bytes.readUInt32BE(32);
  if (!schema.damage && schema.copies.size !== count)
    schema.damage = `${schema.copies.size} of its ${count} tables can be read`;
  return schema;
}

function headerDamage(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return "it is empty";
  if (bytes.length < HEADER_BYTES) return "it ends in its header";
  if (bytes.readUInt32BE(4) !== COOKIE || bytes.readUInt32BE(16) !== VERSION)
    return "it does not begin like a Mnesia schema";
  const sum = createHash("md5").update(bytes.subarray(12, 168)).digest();
  return sum.equals(bytes.subarray(168, HEADER_BYTES)) ? undefined : "the checksum of its header is wrong";
}

/** Where the directory of slots begins, and how many entries each of its levels has. */
const DIRECTORY = 312;
const ENTRIES = 256;

/**
 * All objects, found as dets finds them: directory, parts of it, segments of slots (size and place of a group),
 * groups of `size, mark, (size, term)...`, where each size counts its own four bytes. A slot that leads nowhere
 * yields undefined.
 */
function* objects(bytes: Buffer): Iterable<Term | undefined> {
  for (const part of pointers(bytes, DIRECTORY, ENTRIES * 4)) {
    if (part === undefined) return yield undefined;
    for (const segment of pointers(bytes, part, ENTRIES * 8)) {
      if (segment === undefined) return yield undefined;
      for (let at = segment; at < segment + ENTRIES * 8; at += 8) {
        const [size, place] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)];
        if (size !== 0 || place !== 0) yield* group(bytes, place, size);
      }
    }
  }
}

/** The used pointers of one level; undefined for one behind which there are no `room` bytes. */
function* pointers(bytes: Buffer, from: number, room: number): Iterable<number | undefined> {
  for (let at = from; at < from + ENTRIES * 4; at += 4) {
    const pointer = at + 4 <= bytes.length ? bytes.readUInt32BE(at) : Number.NaN;
    if (pointer !== 0) yield pointer + room <= bytes.length ? pointer : undefined;
  }
}

function* group(bytes: Buffer, place: number, size: number): Iterable<Term | undefined> {
  const end = place + size;
  const sound =
    place >= HEADER_BYTES &&
    end <= bytes.length &&
    size > 8 &&
    bytes.readUInt32BE(place) === size &&
    bytes.subarray(place + 4, place + 8).equals(IN_USE);
  if (!sound) return yield undefined;
  for (let at = place + 8; at + 4 < end; ) {
    const next = at + bytes.readUInt32BE(at);
    if (next <= at + 4 || next > end) return yield undefined;
    try {
      yield decodeTerm(bytes.subarray(at + 4, next));
    } catch {
      return yield undefined;
    }
    at = next;
  }
}
