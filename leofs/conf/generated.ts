import { atomName, intOf, itemsOf, property, textOf } from "../erlang/term";
import { parseTerm } from "../erlang/termParser";
import type { Role } from "../names";

/**
 * What `etc/app.config` and `etc/vm.args` say: the files that LeoFS generates at each start, so what the
 * manager was last started with. `stop`, `ping` and the dump go by them, not by `leo_manager.conf`.
 */
export interface GeneratedConf {
  node?: string;
  /** Secret. */
  cookie?: string;
  partners: string[];
  mode?: Role;
  /** As written: absolute, or relative to the manager's home. */
  mnesiaDir?: string;
  consolePort?: number;
  jsonPort?: number;
  /** `localhost`, `any` or an address. */
  bindAddress?: string;
  rpcPort?: number;
}

/** Reads the two generated files; either may be absent (before the first start both are). Throws TermError. */
export function parseGenerated(files: { appConfig?: string; vmArgs?: string }): GeneratedConf {
  return { ...fromAppConfig(files.appConfig), ...parseVmArgs(files.vmArgs ?? "") };
}

function fromAppConfig(text: string | undefined): GeneratedConf {
  if (text === undefined || text.trim() === "") return { partners: [] };
  const config = parseTerm(text);
  const manager = property(config, "leo_manager");
  const mode = atomName(property(manager, "manager_mode"));
  return {
    partners: itemsOf(property(manager, "manager_partners")).flatMap((term) => atomName(term) ?? []),
    mode: mode === "master" || mode === "slave" ? mode : undefined,
    mnesiaDir: textOf(property(property(config, "mnesia"), "dir")),
    consolePort: intOf(property(manager, "port_cui")),
    jsonPort: intOf(property(manager, "port_json")),
    bindAddress: textOf(property(manager, "bind_address")),
    rpcPort: intOf(property(property(config, "leo_rpc"), "listen_port")),
  };
}

/** Node name and cookie of a `vm.args`: one argument with its value a line, the last one counts. */
export function parseVmArgs(text: string): { node?: string; cookie?: string } {
  const result: { node?: string; cookie?: string } = {};
  for (const line of text.split(/\r?\n/)) {
    const [, flag, value] = /^\s*-(name|sname|setcookie)\s+(\S+)\s*$/.exec(line) ?? [];
    if (flag === "setcookie") result.cookie = value;
    else if (flag) result.node = value;
  }
  return result;
}
