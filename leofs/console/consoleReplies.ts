import { unreadable } from "./consoleProtocol";

/** A storage or gateway node as a manager lists it: a record, not a probe. */
export interface NodeRow {
  type: "storage" | "gateway";
  node: string;
  /** `running`, `stop`, `attached`, `suspend`, `detached`, `restarted`, or blank. */
  state: string;
  rackId: string;
  /** 8 hex digits, or blank. */
  ring: string;
  previousRing: string;
  updatedAt: string;
}

export interface SystemInfo {
  version: string;
  clusterId: string;
  dcId: string;
  n: number;
  r: number;
  w: number;
  d: number;
  rackAwareReplicas: number;
  /** The manager's own ring hash, 8 hex digits; blank when it has no ring. */
  ring: string;
  previousRing: string;
}

export interface Status {
  systemInfo: SystemInfo;
  nodes: NodeRow[];
}

/** A line of `version all`. The first manager is the one asked, the second its configured partner. */
export interface VersionRow {
  type: "manager" | "storage" | "gateway";
  node: string;
  /** Undefined when the asked manager could not get it: the node is down or not reachable. */
  version: string | undefined;
}

export interface UserRow {
  userId: string;
  roleId: number;
  accessKeyId: string;
  createdAt: string;
}

export interface BucketRow {
  bucket: string;
  owner: string;
  permissions: string;
  clusterId: string;
  createdAt: string;
}

export interface EndpointRow {
  endpoint: string;
  createdAt: string;
}

/** A ring hash as JSON has it (a number) in the 8 hex digits of nodes and text; blank for 0 and -1, no ring. */
export const ringHash = (value: number): string => (value > 0 ? value.toString(16).padStart(8, "0") : "");

type Row = Record<string, unknown>;
const string = (row: Row, key: string): string => String(row[key] ?? "");
const number = (row: Row, key: string): number => Number(row[key] ?? Number.NaN);

function rows(command: string, reply: Row, key: string): Row[] {
  const value = reply[key];
  if (!Array.isArray(value)) throw unreadable(command);
  return value as Row[];
}

const TYPES: Record<string, VersionRow["type"]> = { M: "manager", S: "storage", G: "gateway" };
const nodeType = (letter: string): NodeRow["type"] => (letter === "G" ? "gateway" : "storage");

export function statusFromJson(reply: Row): Status {
  const info = reply.system_info as Row | undefined;
  if (typeof info !== "object" || info === null) throw unreadable("status");
  return {
    systemInfo: {
      version: string(info, "version"),
      clusterId: string(info, "cluster_id"),
      dcId: string(info, "dc_id"),
      n: number(info, "n"),
      r: number(info, "r"),
      w: number(info, "w"),
      d: number(info, "d"),
      rackAwareReplicas: number(info, "rack_awareness_replicas"),
      ring: ringHash(number(info, "ring_hash_cur")),
      previousRing: ringHash(number(info, "ring_hash_prev")),
    },
    nodes: rows("status", reply, "node_list").map((row) => ({
      type: nodeType(string(row, "type")),
      node: string(row, "node"),
      state: string(row, "state"),
      rackId: string(row, "rack_id"),
      ring: string(row, "ring_cur"),
      previousRing: string(row, "ring_prev"),
      updatedAt: string(row, "when"),
    })),
  };
}

const versionOf = (said: string): string | undefined => (/^\d/.test(said) ? said : undefined);

export const versionsFromJson = (reply: Row): VersionRow[] =>
  rows("version all", reply, "result").map((row) => ({
    type: TYPES[string(row, "type")] ?? "storage",
    node: string(row, "node"),
    version: versionOf(string(row, "version")),
  }));

export const usersFromJson = (reply: Row): UserRow[] =>
  rows("get-users", reply, "users").map((row) => ({
    userId: string(row, "user_id"),
    roleId: number(row, "role_id"),
    accessKeyId: string(row, "access_key_id"),
    createdAt: string(row, "created_at"),
  }));

export const bucketsFromJson = (reply: Row): BucketRow[] =>
  rows("get-buckets", reply, "buckets").map((row) => ({
    bucket: string(row, "bucket"),
    owner: string(row, "owner"),
    permissions: string(row, "permissions"),
    clusterId: string(row, "cluster_id"),
    createdAt: string(row, "created_at"),
  }));

export const endpointsFromJson = (reply: Row): EndpointRow[] =>
  rows("get-endpoints", reply, "endpoints").map((row) => ({
    endpoint: string(row, "endpoint"),
    createdAt: string(row, "created_at"),
  }));

/** The cells of the lines of a text reply that have at least `columns` of them, its rulers left out. */
const cells = (reply: string, columns: number): string[][] =>
  reply
    .split("\r\n")
    .filter((line) => line.includes("|"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter((line) => line.length >= columns);

export function statusFromText(reply: string): Status {
  if (!reply.startsWith(" [System Confiuration]")) throw unreadable("status");
  const items = new Map<string, string>();
  const nodes: NodeRow[] = [];
  for (const [first = "", second = "", ...more] of cells(reply, 2)) {
    if (more.length === 0) items.set(first, second);
    else if (first === "S" || first === "G") {
      const [state = "", rackId = "", ring = "", previousRing = "", updatedAt = ""] = more;
      nodes.push({ type: nodeType(first), node: second, state, rackId, ring, previousRing, updatedAt });
    }
  }
  const item = (label: string) => items.get(label) ?? "";
  const count = (label: string) => Number.parseInt(item(label), 10);
  const systemInfo: SystemInfo = {
    version: item("system version"),
    clusterId: item("cluster Id"),
    dcId: item("DC Id"),
    n: count("Total replicas"),
    r: count("number of successes of R"),
    w: count("number of successes of W"),
    d: count("number of successes of D"),
    rackAwareReplicas: count("number of rack-awareness replicas"),
    ring: item("current ring-hash"),
    previousRing: item("previous ring-hash"),
  };
  return { systemInfo, nodes };
}

export function versionsFromText(reply: string): VersionRow[] {
  if (!reply.startsWith(" [Version of Node(s)]")) throw unreadable("version all");
  return cells(reply, 3).flatMap(([letter = "", node = "", said = ""]) => {
    const type = TYPES[letter];
    return type ? [{ type, node, version: versionOf(said) }] : [];
  });
}

export const usersFromText = (reply: string): UserRow[] =>
  cells(reply, 4)
    .slice(1)
    .map(([userId = "", role = "", accessKeyId = "", createdAt = ""]) => ({
      userId,
      roleId: Number(role),
      accessKeyId,
      createdAt,
    }));

export const bucketsFromText = (reply: string): BucketRow[] =>
  cells(reply, 6)
    .slice(1)
    .map(([clusterId = "", bucket = "", owner = "", shown = "", , createdAt = ""]) => ({
      bucket,
      owner,
      permissions: /\((.*)\)/.exec(shown)?.[1] ?? shown,
      clusterId,
      createdAt,
    }));

export const endpointsFromText = (reply: string): EndpointRow[] =>
  cells(reply, 2)
    .slice(1)
    .map(([endpoint = "", createdAt = ""]) => ({ endpoint, createdAt }));
