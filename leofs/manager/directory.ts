import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { parseSections, utf8, valuesOf } from "../../remote/sections";

/** A file of a Mnesia directory as the host lists it. */
export interface FileFact {
  name: string;
  /** Of a directory all that its files have, at any depth. */
  bytes: number;
  /** `f` regular, `d` directory, `l` symbolic link, `o` anything else. */
  kind: "f" | "d" | "l" | "o";
}

const LIST = script("leofs/manager/scripts/list-directory.sh");

/** What lies in a directory of a host. */
export interface DirectoryFacts {
  path: string;
  exists: boolean;
  readable: boolean;
  owner: string;
  /** Where it points when it is a symbolic link. */
  link: string | undefined;
  /** Where a disc of /etc/fstab should be mounted on the way to it and is not, and nothing is in it. */
  unmounted?: string;
  files: FileFact[];
}

/** Lists a directory, read-only; a missing one is an answer, not an error. */
export async function listDirectory(host: Host, path: string, as?: string): Promise<DirectoryFacts> {
  const { stdout } = await host.run(LIST, { directory: path }, { as, encoding: "latin1", timeoutMs: 30_000 });
  const { values } = parseSections(stdout);
  return {
    path,
    exists: values.has("exists"),
    readable: values.has("readable"),
    owner: values.get("owner") ?? "",
    link: values.get("link"),
    ...(values.get("unmounted") && { unmounted: utf8(values.get("unmounted")!) }),
    files: valuesOf({ values }, "file").flatMap((line) => fileIn(line) ?? []),
  };
}

/** A line of `list-directory.sh`: kind, size and name. */
function fileIn(line: string): FileFact | undefined {
  const [, kind, bytes, name = ""] = /^(\S) (\d+) (.*)$/s.exec(line) ?? [];
  return isKind(kind) ? { kind, bytes: Number(bytes), name: utf8(name) } : undefined;
}

const isKind = (kind: string | undefined): kind is FileFact["kind"] =>
  kind === "f" || kind === "d" || kind === "l" || kind === "o";
