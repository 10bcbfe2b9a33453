import { READ_FILE } from "../../remote/files";
import { type Dump, parseDump } from "../mnesia/dump";
import type { LookedAt } from "./site";

/** A dump that was read, or why the file could not be. */
export type DumpRead = { dump: Dump } | { unread: string };

/** Reads a text dump on a manager's host. @throws DumpError when it is not whole. */
export async function readDumpFile({ host, as }: LookedAt, file: string): Promise<DumpRead> {
  const options = { as, encoding: "latin1", timeoutMs: 120_000 } as const;
  const { code, stdout, stderr } = await host.run(READ_FILE, { path: file }, options);
  return code === 0 ? { dump: parseDump(Buffer.from(stdout, "latin1")) } : { unread: stderr.trim() };
}
