/** What of a table is not compared, and why that is sound. */
export interface TableRule {
  /** Compare the keys only. */
  keysOnly?: boolean;
  /** Fields left out of the comparison. */
  ignore?: readonly string[];
  reason: string;
}

/** What LeoFS does with one of its tables. Source: LeoFS 1.4.4, observed. */
export interface LeofsTable {
  /** What LeoFS itself changes in a pair that was recovered faithfully. Absent: every row must be equal. */
  changes?: TableRule;
  /**
   * What users and nodes do in it at any time: they add and change rows and, when something is removed, remove its row or
   * mark it; or only add rows. Absent: only LeoFS itself writes it.
   */
  written?: "removes" | "marks" | "adds";
  /** Its keys are access key ids, which are shown shortened. */
  keysAreSecret?: true;
  /**
   * Keys of the rows that a manager writes into fresh tables. `_test_leofs` is an administrator whose access and secret
   * key are public; a load merges, so it never takes them away again.
   */
  fresh?: readonly string[];
  /** Made some 4 s after the consoles answer: a load in between leaves it in memory only. */
  late?: true;
}

const LIVE_NODES: TableRule = {
  keysOnly: true,
  reason: "state, ring hashes and times of the nodes are live; their names are compared",
};
const MEMBERS: TableRule = { ignore: ["state"], reason: "a member's state is live" };
const STATISTICS: LeofsTable = {
  late: true,
  changes: {
    ignore: ["created_at", "updated_at"],
    reason: "a manager may write its statistics' definitions again when it starts",
  },
};

/** The tables that a LeoFS 1.4.4 manager pair holds, all of them on disc on both managers. */
export const LEOFS_TABLES: Readonly<Record<string, LeofsTable>> = {
  leo_available_commands: {
    changes: {
      keysOnly: true,
      reason: "each manager writes its version's command texts; the commands' names are compared",
    },
  },
  leo_cluster_info: {},
  leo_cluster_manager: {},
  leo_cluster_member: {},
  leo_cluster_stat: {
    changes: {
      ignore: ["state", "checksum", "updated_at"],
      reason: "state and checksums of remote clusters are live",
    },
  },
  // The buckets that users deleted and storage nodes are still emptying: a row goes when its node is done.
  leo_del_bucket_state: { written: "removes" },
  // Nodes enter themselves when they start.
  leo_gateway_nodes: { changes: LIVE_NODES, written: "adds" },
  leo_members_cur: { changes: MEMBERS },
  leo_members_prev: { changes: MEMBERS },
  leo_rebalance_info: {},
  leo_ring_cur: {},
  leo_ring_prv: {},
  leo_s3_buckets: { written: "marks" },
  leo_s3_credentials: {
    written: "removes",
    keysAreSecret: true,
    fresh: ["05236"],
  },
  leo_s3_endpoints: { written: "removes", fresh: ["localhost", "s3.amazonaws.com"] },
  leo_s3_user_credential: { written: "removes", fresh: ["_test_leofs"] },
  leo_s3_users: { written: "marks", fresh: ["_test_leofs"] },
  leo_storage_nodes: { changes: LIVE_NODES, written: "adds" },
  leo_system_conf: {},
  sv_columns: STATISTICS,
  sv_metric_grp: STATISTICS,
  sv_schemas: STATISTICS,
};

/** Names of all tables, in alphabetical order. */
export const TABLES: readonly string[] = Object.keys(LEOFS_TABLES);

/** What is known of a table; nothing of one that is not LeoFS's. */
export const factsOf = (table: string): LeofsTable => LEOFS_TABLES[table] ?? {};

/** Tables that users write through the gateways and consoles at any time. */
export const USERS_TABLES: readonly string[] = TABLES.filter(
  (table) => table.startsWith("leo_s3_") && factsOf(table).written !== undefined,
);

/** Tables that LeoFS makes last, some 4 s after its consoles answer. No user's row is in them. */
export const LATE_TABLES: readonly string[] = TABLES.filter((table) => factsOf(table).late);

/** The others: a pair that has these has what users have. */
export const FIRST_TABLES: readonly string[] = TABLES.filter((table) => !factsOf(table).late);

/** Tables that hold the ring, current and previous. */
export const RING_TABLES: readonly string[] = ["leo_ring_cur", "leo_ring_prv"];
