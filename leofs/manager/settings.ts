import { defaultValue, type EffectiveConf } from "../conf/conf";
import { type ConfBytes, confOf, fileInEffect } from "../conf/confFiles";
import { type GeneratedConf, parseGenerated } from "../conf/generated";
import type { ManagerSpec, Role } from "../names";
import type { HostFacts, ManagerConfFiles } from "./look";

/** What a manager is configured to be. Running: by its generated files; down: by its conf, which the next start reads. */
export interface ManagerSettings {
  role: Role;
  /** Node name its conf gives, which must be the one the recovery was told. */
  node: string | undefined;
  partner: string | undefined;
  /** Secret. */
  cookie: string;
  /** Absolute. */
  mnesiaDirectory: string;
  /** Where its consoles listen, as seen from its own host. */
  consoleAddress: string;
  consolePort: number;
  jsonPort: number;
  /** The conf as LeoFS would read it at the next start. */
  conf: EffectiveConf;
  /** What the last start generated; empty when it was never started. */
  generated: GeneratedConf;
}

/** Reads a manager's settings from the files that a look at its host brought. */
export function readSettings(manager: ManagerSpec, facts: HostFacts): ManagerSettings {
  const { conf: files } = facts;
  const conf = confOf(files);
  const generated = readGenerated(files);
  const running: Partial<GeneratedConf> = facts.beams.length > 0 ? generated : {};
  const role = running.mode ?? nextRole(conf, files) ?? generated.mode ?? homeRole(manager.home);
  const value = (key: string): string | undefined => conf.values.get(key)?.value ?? defaultValue(key, role);
  return {
    role,
    node: conf.values.get("nodename")?.value ?? generated.node,
    partner: conf.values.get("manager.partner")?.value,
    cookie: running.cookie ?? value("distributed_cookie") ?? "",
    mnesiaDirectory: generated.mnesiaDir
      ? mnesiaPath(generated.mnesiaDir, manager.home)
      : mnesiaDirectoryIn(conf, role, manager.home),
    consoleAddress: consoleAddress(running.bindAddress ?? value("console.bind_address")),
    consolePort: running.consolePort ?? Number(value("console.port.cui")),
    jsonPort: running.jsonPort ?? Number(value("console.port.json")),
    conf,
    generated,
  };
}

/** The conf key that names a manager's partner. */
export const PARTNER_KEY = "manager.partner";

/** The file that says who the partner is. */
export const partnerFile = ({
  facts,
  settings,
}: {
  facts: Pick<HostFacts, "conf">;
  settings: Pick<ManagerSettings, "conf">;
}): ConfBytes => fileInEffect(facts.conf, settings.conf, PARTNER_KEY);

/** The generated files; unreadable ones count as absent, since LeoFS writes them again at every start. */
function readGenerated(files: ManagerConfFiles): GeneratedConf {
  try {
    return parseGenerated({ appConfig: files.appConfig, vmArgs: files.vmArgs });
  } catch {
    return parseGenerated({ vmArgs: files.vmArgs });
  }
}

/** The role that the next start gives; undefined where neither conf nor schema says it. */
export const nextRole = (
  conf: EffectiveConf,
  { schema }: Pick<ManagerConfFiles, "schema">,
): Role | undefined => confRole(conf) ?? schemaRole(schema);

function confRole(conf: EffectiveConf): Role | undefined {
  const mode = conf.values.get("manager.mode")?.value;
  return mode === "master" || mode === "slave" ? mode : undefined;
}

/** The role is the default that the home's own schema gives `manager.mode`. */
function schemaRole(schema: string | undefined): Role | undefined {
  const match = /"manager\.mode"[\s\S]{0,400}?\{\s*default\s*,\s*(master|slave)\s*\}/.exec(schema ?? "");
  return match?.[1] as Role | undefined;
}

/** LeoFS installs the master's home as leo_manager_0 and the slave's as leo_manager_1. */
const homeRole = (home: string): Role => (/leo_manager_1\/?$/.test(home) ? "slave" : "master");

/** The Mnesia directory that a start with this conf would use. */
export const mnesiaDirectoryIn = (conf: EffectiveConf, role: Role, home: string): string =>
  mnesiaPath(conf.values.get("mnesia.dir")?.value ?? defaultValue("mnesia.dir", role)!, home);

/** `mnesia.dir` is relative to the home: the control script changes there first. */
export function mnesiaPath(directory: string, home: string): string {
  const path = directory.startsWith("/") ? directory : `${home}/${directory.replace(/^(\.\/)+/, "")}`;
  return path.replace(/\/+$/, "");
}

/** `localhost`, `loopback`, `any` or an address, as one that the host itself can dial. */
function consoleAddress(bind: string | undefined): string {
  if (bind === undefined || ["localhost", "loopback", "any", "0.0.0.0"].includes(bind)) return "127.0.0.1";
  return bind;
}
