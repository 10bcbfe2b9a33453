import { READ_FILE } from "../../remote/files";
import { type Dump, parseDump, textWith } from "../mnesia/dump";
import type { LookedAt } from "./site";

/** A dump that was read, or why the file could not be. */
export type DumpRead = { dump: Dump } | { unread: string };

/** Reads a text dump on a manager's host. @throws DumpError when it is not whole. */
export async function readDumpFile({ host, as }: LookedAt, file: string, known?: Dump): Promise<DumpRead> {
  const options = { as, encoding: "latin1", timeoutMs: 120_000 } as const;
  const { code, stdout, stderr } = await host.run(READ_FILE, { path: file }, options);
  return code === 0 ? { dump: parseDump(Buffer.from(stdout, "latin1"), known) } : { unread: stderr.trim() };
}

/** Writes some tables of a text dump on a manager's host into another file there. */
export async function writeDumpPart(
  { host, as }: LookedAt,
  file: string,
  tables: readonly string[],
  part: string,
): Promise<void> {
  const options = { as, encoding: "latin1", timeoutMs: 120_000 } as const;
  const read = await host.run(READ_FILE, { path: file }, options);
  if (read.code !== 0) throw new Error(`${host.label}: ${file} could not be read: ${read.stderr.trim()}`);
  const stdin = textWith(Buffer.from(read.stdout, "latin1"), tables);
  const { code, stderr } = await host.run('umask 077; cat > "$1"', [part], { as, stdin, timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`${host.label}: ${part} could not be written: ${stderr.trim()}`);
}
