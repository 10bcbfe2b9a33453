import { userInfo } from "node:os";
import { delimiter } from "node:path";
import { quote } from "../remote/quote";
import { addressing } from "./addresses";
import type { Settings } from "./options";
import { directoryVariable, homeVariable } from "./processes";
import type { Requirements } from "./requirements";

/** What of a sandbox its processes' environment depends on. */
export interface EnvironmentOf {
  directory: string;
  index: number;
  settings: Settings;
  tools: Requirements;
  /** Of the layout `package`: the Debian that every host is a machine of. */
  debian?: string;
}

/** How Erlang finds this sandbox's epmd, and nobody else's. */
export function epmdEnvironment(index: number): Record<string, string> {
  return {
    ERL_EPMD_PORT: String(addressing.epmdPort(index)),
    ERL_EPMD_ADDRESS: addressing.all(index).join(","),
  };
}

/** What every ssh session and every node of the sandbox has. `bin`: searched first, for a host's own leofs-adm. */
export function sharedEnvironment(of: EnvironmentOf, bin?: string): Record<string, string> {
  const system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  return {
    ...epmdEnvironment(of.index),
    [directoryVariable]: of.directory,
    PATH: bin === undefined ? system : `${bin}${delimiter}${system}`,
  };
}

/**
 * etc/leo_manager.environment (or leo_storage's, leo_gateway's), which the launch script sources. Besides LeoFS's own
 * RUNNER_USER it exports what the sandbox needs: epmd, where the beams are, the address to listen on, the timers.
 */
export function environmentFile(
  of: EnvironmentOf,
  node: { home: string; address: string; packaged?: boolean },
): string {
  const octets = node.address.split(".").join(",");
  const exported = {
    ...sharedEnvironment(of),
    [homeVariable]: node.home,
    SANDBOX_EBIN: `${of.directory}/ebin`,
    SANDBOX_ERLANG_ROOT: of.tools.erlangRoot,
    // The sandbox's own: a home of LeoFS has none.
    SANDBOX_ERL_CALL: of.tools.erlCall,
    // Before the other arguments: after an -extra it would be one of them.
    ERL_AFLAGS: `-kernel inet_dist_use_interface {${octets}}`,
    ...Object.fromEntries(Object.entries(of.settings.timers).map(([name, ms]) => [name, String(ms)])),
  };
  const lines = Object.entries(exported).map(([name, value]) => `export ${name}=${quote(value)}`);
  const runner = node.packaged ? "#RUNNER_USER=leofs" : `RUNNER_USER=${userInfo().username}`;
  return `${runner}\n${lines.join("\n")}\n`;
}
