import { unreadable } from "./consoleProtocol";
import {
  type BucketRow,
  type EndpointRow,
  type NodeRow,
  nodeType,
  type Status,
  type UserRow,
} from "./consoleReplies";

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
      const [state = "", , ring = "", previousRing = ""] = more;
      nodes.push({ type: nodeType(first), node: second, state, ring, previousRing });
    }
  }
  const item = (label: string) => items.get(label) ?? "";
  return { ring: item("current ring-hash"), previousRing: item("previous ring-hash"), nodes };
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
