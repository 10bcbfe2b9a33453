import { parseArgs } from "node:util";
import type { Role } from "./describe";
import type { SandboxOptions } from "./options";

/** What `npm run sandbox -- --help` prints. */
export const help = `npm run sandbox -- VERB [OPTIONS]     a throw-away LeoFS-shaped cluster on this machine

  up                     build a cluster, or start the one that is there
      --storages N       storage nodes (2)          --gateways N   gateway nodes (1)
      --users N          S3 users (3)               --buckets N    buckets (2)
      --cluster NAME     cluster id (leofs_1)
      --adm FLAVOUR      shipped (as in LeoFS 1.4.4) or documented (leofs-adm with dump and load)
      --layout LAYOUT    plain (homes below DIR), or package: as LeoFS's packages lay it, with systemd
      --login USER       with --layout package: root (default), ops (sudo) or leofs
      --global-config    with --layout package: the confs in effect are in /etc/leofs
      --fast             short waiting times instead of LeoFS's own
  status                 managers, hosts, nodes, ring hashes
  lose ROLE              master or slave: killed, its files gone, its host unreachable
  damage ROLE            master or slave: killed, its Mnesia files truncated   (--how garble: overwritten)
  spare                  one more manager, installed and never started, on a host of its own
      --role ROLE        what it is to replace (default: the role that was lost)
  write-while-down       stop the slave and write users through the master     (--stop master: the other way)
  reset                  a new cluster with the same settings
  down                   end everything and remove the files

  --directory DIR        where the sandbox is (./.sandbox)
  --help
`;

/** A command line, understood. */
export type Request = { directory: string } & (
  | { verb: "help" | "status" | "reset" | "down" }
  | { verb: "up"; options: Partial<SandboxOptions> }
  | { verb: "lose"; role: Role }
  | { verb: "damage"; role: Role; how: "truncate" | "garble" }
  | { verb: "spare"; role?: Role }
  | { verb: "write-while-down"; stopped: Role }
);

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const general = { directory: text, help: flag };
const optionsOf = {
  up: {
    storages: text,
    gateways: text,
    users: text,
    buckets: text,
    cluster: text,
    adm: text,
    fast: flag,
    layout: text,
    login: text,
    "global-config": flag,
  },
  status: {},
  lose: {},
  damage: { how: text },
  spare: { role: text },
  "write-while-down": { stop: text },
  reset: {},
  down: {},
} as const;

/** A command line that makes no sense; the message says what to type instead. */
export class UsageError extends Error {}

function role(given: string | undefined, what: string): Role {
  if (given === "master" || given === "slave") return given;
  throw new UsageError(`${what} takes "master" or "slave"${given === undefined ? "" : `, not "${given}"`}`);
}

function oneOf<T extends string>(given: string | undefined, option: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === (given ?? allowed[0]));
  if (found === undefined) throw new UsageError(`--${option} is ${allowed.join(" or ")}, not "${given}"`);
  return found;
}

function count(given: string | undefined, option: string): number | undefined {
  if (given === undefined) return undefined;
  if (!/^\d{1,6}$/.test(given)) throw new UsageError(`--${option} is a number, not "${given}"`);
  return Number(given);
}

/** Understands a command line. Throws a `UsageError`. */
export function understand(argv: readonly string[]): Request {
  const verb = argv.find((word) => word in optionsOf) as keyof typeof optionsOf | undefined;
  const first = argv.find((word) => !word.startsWith("-"));
  if (first === undefined || argv.includes("--help"))
    return first === undefined && !argv.includes("--help") && argv.length > 0
      ? fail(`say what to do: ${Object.keys(optionsOf).join(", ")}`)
      : { verb: "help", directory: "" };
  if (verb === undefined) return fail(`"${first}" is none of ${Object.keys(optionsOf).join(", ")}`);
  const { values, positionals } = parse(argv, verb);
  const [, subject, ...more] = positionals;
  const takesRole = verb === "lose" || verb === "damage";
  const surplus = takesRole ? more : [subject, ...more].filter((word) => word !== undefined);
  if (surplus.length > 0) throw new UsageError(`${verb} does not take "${surplus[0]}"`);
  const directory = values.directory ?? ".sandbox";
  switch (verb) {
    case "up":
      return { verb, directory, options: upOptions(values) };
    case "lose":
      return { verb, directory, role: role(subject, verb) };
    case "damage": {
      const how = oneOf(values.how, "how", ["truncate", "garble"] as const);
      return { verb, directory, role: role(subject, verb), how };
    }
    case "spare":
      return { verb, directory, ...(values.role === undefined ? {} : { role: role(values.role, "--role") }) };
    case "write-while-down":
      return { verb, directory, stopped: role(values.stop ?? "slave", "--stop") };
    default:
      return { verb, directory };
  }
}

function fail(message: string): never {
  throw new UsageError(message);
}

type Values = Record<string, string | undefined> & { directory?: string };

function parse(
  argv: readonly string[],
  verb: keyof typeof optionsOf,
): { values: Values; positionals: string[] } {
  try {
    const options = { ...general, ...optionsOf[verb] };
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    return { values: values as unknown as Values, positionals };
  } catch (error) {
    throw new UsageError(`${verb}: ${(error as Error).message.split(". ")[0]}`);
  }
}

function upOptions(values: Values): Partial<SandboxOptions> {
  const options: Partial<SandboxOptions> = {};
  for (const name of ["storages", "gateways", "users", "buckets"] as const) {
    const number = count(values[name], name);
    if (number !== undefined) options[name] = number;
  }
  if (values.cluster !== undefined) options.cluster = values.cluster;
  if (values.adm !== undefined) options.adm = oneOf(values.adm, "adm", ["shipped", "documented"] as const);
  if (values.layout !== undefined)
    options.layout = oneOf(values.layout, "layout", ["plain", "package"] as const);
  if (values.login !== undefined)
    options.login = oneOf(values.login, "login", ["root", "ops", "leofs"] as const);
  if (values["global-config"] !== undefined) options.globalConfig = true;
  if (values.fast !== undefined) options.fast = true;
  return options;
}
