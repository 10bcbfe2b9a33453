import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where everything of one sandbox is, below its directory. All paths are absolute when `directory` is. */
export const paths = {
  description: (directory: string) => join(directory, "sandbox.json"),
  /** A ready stack file for the present situation, while there is something to recover. */
  stackFile: (directory: string) => join(directory, "Pulumi.sandbox.yaml"),
  keys: (directory: string) => join(directory, "keys"),
  /** The throw-away client key that every host of the sandbox accepts. */
  key: (directory: string) => join(directory, "keys", "id_ed25519"),
  ebin: (directory: string) => join(directory, "ebin"),
  logs: (directory: string) => join(directory, "log"),
  snapshot: (directory: string) => join(directory, "snapshot"),
  hosts: (directory: string) => join(directory, "hosts"),
  host: (directory: string, name: string) => join(directory, "hosts", name),
  ssh: (directory: string, name: string) => join(directory, "hosts", name, "ssh"),
  /** LeoFS's package puts one directory a manager below the release; here `manager_N` lives in `leo_manager_N`. */
  managerHome: (directory: string, name: string) =>
    join(directory, "hosts", name, "leofs", name.replace(/^manager_/, "leo_manager_")),
  /** The same as LeoFS's packages lay it: one release beside the other, `current` names the one in use. */
  packageRoot: (directory: string, name: string) => join(directory, "hosts", name, "usr", "local", "leofs"),
  /** What a package keeps in /etc/leofs; a machine sees it there. */
  packageEtc: (directory: string, name: string) => join(directory, "hosts", name, "etc", "leofs"),
  backups: (directory: string, name: string) => join(directory, "hosts", name, "backups"),
  nodes: (directory: string) => join(directory, "nodes"),
  nodeHome: (directory: string, name: string) => join(directory, "nodes", name),
  mnesia: (home: string) => join(home, "work", "mnesia", "127.0.0.1"),
};

/**
 * The sandbox's own Erlang sources and scripts: beside this file in a clone, two levels up once compiled.
 * Throws when the package was unpacked without them.
 */
export function sourceDirectory(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "sandbox");
    if (existsSync(join(candidate, "files"))) return candidate;
  }
  throw new Error(
    `the sandbox's own files (sandbox/files, sandbox/erlang) are not above ${__dirname}. ` +
      "The sandbox runs from a clone of the repository: run it there.",
  );
}
