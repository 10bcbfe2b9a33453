import { unreadable } from "./consoleProtocol";
import {
  type BucketRow,
  type EndpointRow,
  nodeType,
  ringHash,
  type Status,
  type UserRow,
} from "./consoleReplies";

/** An object in a reply of the JSON port. */
type Row = Record<string, unknown>;
const string = (row: Row, key: string): string => String(row[key] ?? "");
const number = (row: Row, key: string): number => Number(row[key] ?? Number.NaN);

function rows(command: string, reply: Row, key: string): Row[] {
  const value = reply[key];
  if (!Array.isArray(value)) throw unreadable(command);
  return value as Row[];
}

export function statusFromJson(reply: Row): Status {
  const info = reply.system_info as Row | undefined;
  if (typeof info !== "object" || info === null) throw unreadable("status");
  return {
    ring: ringHash(number(info, "ring_hash_cur")),
    previousRing: ringHash(number(info, "ring_hash_prev")),
    nodes: rows("status", reply, "node_list").map((row) => ({
      type: nodeType(string(row, "type")),
      node: string(row, "node"),
      state: string(row, "state"),
      ring: string(row, "ring_cur"),
      previousRing: string(row, "ring_prev"),
    })),
  };
}

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
