import { parseArgs } from "node:util";
import type { Role } from "../describe";

/** What `npm run demo -- --help` prints. */
export const help = `npm run demo [-- CASE] [OPTIONS]     a manager is lost or damaged, and pulumi up recovers it

  takeover               (default) a manager is gone with its host; a new one takes its place
  in-place               a manager's Mnesia files are damaged; same host, same name

  --side ROLE            which manager: master (default) or slave
  --method METHOD        offline (default): both managers are stopped, or online: the other one serves all the time
  --adm FLAVOUR          leofs-adm as shipped with LeoFS 1.4.4 (default), or documented (with dump and load)
  --layout LAYOUT        plain (default), or package: as LeoFS's packages lay it, with systemd, as the login ops
  --nodes                the storage and gateway nodes have hosts too: their confs follow the pair
  --fast                 short waiting times instead of LeoFS's own
  --keep                 leave the recovered cluster running, with the commands to look around and to end it
  --directory DIR        where everything of the demo is kept (default: a new one among the temporary directories)
  --json FILE            write what happened: operations, outage, evidence, timings
  --help

Exit code: 0 recovered, 1 the recovery failed, 2 a wrong command line, 130 interrupted. All but --keep end the cluster.
Needs what the sandbox needs (sandbox/README.md). The first run on a machine without Pulumi builds it: some 4 minutes.
`;

/** A command line of the demo, understood. */
export interface DemoOptions {
  recovery: "takeover" | "in-place";
  side: Role;
  method: "offline" | "online";
  adm: "shipped" | "documented";
  layout: "plain" | "package";
  nodes: boolean;
  fast: boolean;
  keep: boolean;
  directory?: string;
  json?: string;
}

/** A command line that makes no sense; the message says what to type instead. */
export class UsageError extends Error {}

function oneOf<T extends string>(given: string | undefined, what: string, allowed: readonly [T, ...T[]]): T {
  const found = given === undefined ? allowed[0] : allowed.find((value) => value === given);
  if (found === undefined) throw new UsageError(`${what} is ${allowed.join(" or ")}, not "${given}"`);
  return found;
}

/** Reads the command line. Throws a UsageError for whatever it does not know. */
export function understand(argv: readonly string[]): DemoOptions | "help" {
  const { values, positionals } = parse(argv);
  if (values.help) return "help";
  if (positionals.length > 1) throw new UsageError(`one case at a time, not "${positionals.join(" ")}"`);
  for (const name of ["directory", "json"] as const)
    if (values[name] === "") throw new UsageError(`--${name} needs a path`);
  if (values.nodes && values.layout === "package") throw new UsageError("--nodes goes with the layout plain");
  return {
    recovery: oneOf(positionals[0], "the case", ["takeover", "in-place"]),
    side: oneOf(values.side, "--side", ["master", "slave"]),
    method: oneOf(values.method, "--method", ["offline", "online"]),
    adm: oneOf(values.adm, "--adm", ["shipped", "documented"]),
    layout: oneOf(values.layout, "--layout", ["plain", "package"]),
    nodes: values.nodes ?? false,
    fast: values.fast ?? false,
    keep: values.keep ?? false,
    ...(values.directory !== undefined && { directory: values.directory }),
    ...(values.json !== undefined && { json: values.json }),
  };
}

const options = {
  side: { type: "string" },
  method: { type: "string" },
  adm: { type: "string" },
  layout: { type: "string" },
  nodes: { type: "boolean" },
  fast: { type: "boolean" },
  keep: { type: "boolean" },
  directory: { type: "string" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ")[0]);
  }
}
