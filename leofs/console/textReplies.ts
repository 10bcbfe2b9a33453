import { unreadable } from "./consoleProtocol";
import {
  type BucketRow,
  type EndpointRow,
  type NodeRow,
  nodeType,
  type Status,
  type UserRow,
} from "./consoleReplies";

const cellsOf = (line: string): string[] => line.split("|").map((cell) => cell.trim());

const linesOf = (reply: string): string[] => reply.split(/\r*\n/).filter((line) => line.includes("|"));

/**
 * The rows of a table in a text reply, each by the names of its columns: which there are depends on LeoFS's version (racks and
 * redundancy came later).
 *
 * @param first the name of its first column
 */
function rowsIn(command: string, reply: string, first: string): ((column: string) => string)[] {
  const lines = linesOf(reply).map(cellsOf);
  const head = lines.findIndex(([name]) => name === first);
  const columns = lines[head];
  if (!columns) throw unreadable(command);
  return lines
    .slice(head + 1)
    .filter(({ length }) => length >= columns.length)
    .map((cells) => (column) => cells[columns.indexOf(column)] ?? "");
}

export function statusFromText(reply: string): Status {
  if (!/^\s*\[System Confi/.test(reply)) throw unreadable("status");
  const items = new Map(
    linesOf(reply)
      .map(cellsOf)
      .flatMap(([label = "", value = "", ...more]) => (more.length === 0 ? [[label, value] as const] : [])),
  );
  const item = (label: string) => items.get(label) ?? "";
  const nodes = linesOf(reply).some((line) => cellsOf(line)[0] === "type")
    ? rowsIn("status", reply, "type")
    : [];
  return {
    ring: item("current ring-hash"),
    previousRing: item("previous ring-hash"),
    nodes: nodes.map(
      (cell): NodeRow => ({
        type: nodeType(cell("type")),
        node: cell("node"),
        state: cell("state"),
        ring: cell("current ring"),
        previousRing: cell("prev ring"),
      }),
    ),
  };
}

export const usersFromText = (reply: string): UserRow[] =>
  rowsIn("get-users", reply, "user_id").map((cell) => ({
    userId: cell("user_id"),
    roleId: Number(cell("role_id")),
    accessKeyId: cell("access_key_id"),
    createdAt: cell("created_at"),
  }));

export const bucketsFromText = (reply: string): BucketRow[] =>
  rowsIn("get-buckets", reply, "cluster id").map((cell) => ({
    bucket: cell("bucket"),
    owner: cell("owner"),
    permissions: /\((.*)\)/.exec(cell("permissions"))?.[1] ?? cell("permissions"),
    clusterId: cell("cluster id"),
    createdAt: cell("created at"),
  }));

export const endpointsFromText = (reply: string): EndpointRow[] =>
  rowsIn("get-endpoints", reply, "endpoint").map((cell) => ({
    endpoint: cell("endpoint"),
    createdAt: cell("created at"),
  }));
