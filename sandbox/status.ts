import { existsSync } from "node:fs";
import { listens } from "./addresses";
import type { Description, Role } from "./describe";
import { paths } from "./layout";
import { isRunning, reply } from "./managers";
import { managersFollowed, ringHash } from "./nodes";
import type { Requirements } from "./requirements";

/** What a look at one manager and its host shows. */
export interface ManagerStatus {
  role: Role;
  node: string;
  lost: boolean;
  spare: boolean;
  /** Whether its host takes ssh connections. */
  host: boolean;
  /** Whether its VM is there. */
  running: boolean;
  /** `serving`, or the first line of what its console said instead, or `no console`. */
  console: string;
  /** As it reports it, 8 hex digits; empty without a ring, undefined without an answer. */
  ringHash: string | undefined;
  /** Rows of storage and gateway nodes in its own `status`. */
  nodes: { node: string; state: string; ringHash: string }[];
}

/** What a look at one storage or gateway node shows. Undefined: it does not answer. */
export interface NodeStatus {
  node: string;
  managers: string[] | undefined;
  ringHash: string | undefined;
}

/** A whole sandbox at one moment. */
export interface Status {
  directory: string;
  cluster: string;
  managers: Record<string, ManagerStatus>;
  nodes: Record<string, NodeStatus>;
  /** A stack file for the present situation; undefined while there is nothing to recover. */
  stackFile: string | undefined;
}

function rows(status: string): ManagerStatus["nodes"] {
  return status
    .split(/\r?\n/)
    .filter((line) => /^ {2}[SG] {4}\|/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map((cells) => ({ node: cells[1] ?? "", state: cells[2] ?? "", ringHash: cells[4] ?? "" }));
}

async function lookAtManager(manager: Description["managers"][string]): Promise<ManagerStatus> {
  const { role, node, lost, spare } = manager;
  const [host, running, text] = await Promise.all([
    listens(manager.address, manager.sshPort),
    isRunning(manager),
    reply(manager, "status"),
  ]);
  const serving = text?.startsWith(" [System Confiuration]") === true;
  const said = text === undefined ? "no console" : (text.split(/\r?\n/)[0] ?? "");
  const hash = serving ? (/current ring-hash \| (\S*)/.exec(text)?.[1] ?? "") : undefined;
  const nodes = serving ? rows(text) : [];
  return {
    role,
    node,
    lost,
    spare,
    host,
    running,
    console: serving ? "serving" : said,
    ringHash: hash,
    nodes,
  };
}

/** Looks at every process and console of the sandbox. Changes nothing. */
export async function look(tools: Requirements, sandbox: Description): Promise<Status> {
  const managers = Object.entries(sandbox.managers).map(
    async ([name, manager]) => [name, await lookAtManager(manager)] as const,
  );
  const nodes = Object.entries(sandbox.nodes).map(async ([name, node]) => {
    const [followed, hash] = await Promise.all([
      managersFollowed(tools, sandbox, node),
      ringHash(tools, sandbox, node),
    ]);
    return [name, { node: node.node, managers: followed, ringHash: hash }] as const;
  });
  return {
    directory: sandbox.directory,
    cluster: sandbox.cluster,
    managers: Object.fromEntries(await Promise.all(managers)),
    nodes: Object.fromEntries(await Promise.all(nodes)),
    stackFile: existsSync(paths.stackFile(sandbox.directory))
      ? paths.stackFile(sandbox.directory)
      : undefined,
  };
}

/** The same for people, one line a manager and a node. */
export function statusText(status: Status): string {
  const lines = [`cluster ${status.cluster} in ${status.directory}`];
  for (const [name, manager] of Object.entries(status.managers)) {
    const state = manager.lost
      ? "lost"
      : `${manager.running ? "running" : "not running"}, console: ${manager.console}`;
    const spare = manager.spare ? ", spare" : "";
    const ring = manager.ringHash === undefined ? "" : `, ring ${manager.ringHash || "(none)"}`;
    const host = manager.host ? "host reachable" : "host unreachable";
    lines.push(`${name}  ${manager.role}${spare}  ${manager.node}  ${host}, ${state}${ring}`);
  }
  for (const [name, node] of Object.entries(status.nodes)) {
    const state =
      node.managers === undefined
        ? "not running"
        : `running, follows ${node.managers.join(", ")}, ring ${node.ringHash || "(none)"}`;
    lines.push(`${name}  ${node.node}  ${state}`);
  }
  if (status.stackFile) lines.push(`stack file for this situation: ${status.stackFile}`);
  return lines.join("\n");
}
