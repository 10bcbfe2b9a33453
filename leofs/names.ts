import { isUserName } from "../remote/ssh/become";

/** Who a LeoFS manager is and where it lives: all that the steps of a recovery need besides its host. */
export interface ManagerSpec {
  /** Erlang node name, `manager_0@10.0.0.11`. */
  node: string;
  /** Absolute path of its home, for example `/usr/local/leofs/current/leo_manager_0`. */
  home: string;
  /** Directory of its conf. Default: where it was started from, else as bin/leo_manager finds it. */
  etcDirectory?: string;
  /** User LeoFS runs as. Default: `RUNNER_USER` of `leo_manager.environment`, else `leofs` (bin/leo_manager's own rule). */
  runAs?: string;
}

/** A storage or gateway node of a cluster, as its managers list it. */
export interface ListedNode {
  /** Erlang node name, `storage_0@10.0.0.21`. */
  node: string;
  type: "storage" | "gateway";
}

/** Where a storage or gateway node lives on its host. */
export interface NodeSpec extends ListedNode {
  /** Absolute path of its home, for example `/usr/local/leofs/current/leo_storage`. */
  home: string;
  /** Directory of its conf. Default: as its control script finds it. */
  etcDirectory?: string;
  /** User LeoFS runs as. Default: `RUNNER_USER` of its environment file, else `leofs`. */
  runAs?: string;
}

/** What LeoFS calls a node's script, conf and environment file. */
export const programOf = ({ type }: Pick<ListedNode, "type">): string => `leo_${type}`;

/** What a manager is in its pair. */
export type Role = "master" | "slave";

/** The control script of a manager. */
export const scriptOf = (manager: ManagerSpec): string => `${manager.home}/bin/leo_manager`;

const NODE = /^[A-Za-z0-9_-]{1,64}@[A-Za-z0-9._:-]{1,255}$/;

/**
 * Why a text cannot be an Erlang node name of a manager, or nothing. LeoFS turns whatever it reads into an
 * atom, so a name with a space, a quote or a bracket becomes a partner that never answers. A dot before the `@` is
 * nothing that Erlang starts under, and a host without one is nothing that others connect to.
 */
export function nodeNameProblem(name: string): string | undefined {
  if (!NODE.test(name))
    return `${JSON.stringify(name)} is not a node name; it must look like manager_0@10.0.0.11`;
  if (!/@.*[.:]/.test(name))
    return `${JSON.stringify(name)} is a name under which no other node would reach it: behind the @ Erlang needs an address or a full name, one with a dot, as LeoFS starts it (-name)`;
  return undefined;
}

/** Why a text cannot be the name of the user LeoFS runs as, or nothing. */
export function userNameProblem(name: string): string | undefined {
  if (isUserName(name)) return undefined;
  return `${JSON.stringify(name)} is not a user name; use letters, digits, "_", "." and "-"`;
}

/** Why a text cannot be the path of a home, a conf or a backup directory, or nothing. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith("/")) return `${JSON.stringify(path)} is not an absolute path`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return `${JSON.stringify(path)} holds a control character`;
  if (path.split("/").some((part) => part === ".." || part === "."))
    return `${JSON.stringify(path)} has "." or ".." in it`;
  if (/^\s|\s$/.test(path)) return `${JSON.stringify(path)} has a blank at its end`;
  if (path === "/" || path.replaceAll("/", "") === "") return `${JSON.stringify(path)} is the root directory`;
  return undefined;
}

/** Why a text cannot name an incident, or nothing: it becomes a directory name beside the backups. */
export function incidentProblem(incident: string): string | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(incident)) return undefined;
  return `${JSON.stringify(incident)} cannot name an incident; use letters, digits, ".", "_" and "-", at most 100 of them`;
}
