/** A storage or gateway node as a manager lists it: a record, not a probe. */
export interface NodeRow {
  type: "storage" | "gateway";
  node: string;
  /** `running`, `stop`, `attached`, `suspend`, `detached`, `restarted`, or blank. */
  state: string;
  /** 8 hex digits, or blank. */
  ring: string;
  previousRing: string;
}

/** What of a manager's `status` is used. */
export interface Status {
  /** The manager's own ring hash, 8 hex digits; blank when it has no ring. */
  ring: string;
  previousRing: string;
  nodes: NodeRow[];
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

/** The type behind the letter that LeoFS shows: `G` is a gateway, `S` a storage node. */
export const nodeType = (letter: string): NodeRow["type"] => (letter === "G" ? "gateway" : "storage");
