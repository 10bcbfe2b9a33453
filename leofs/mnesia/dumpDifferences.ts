/** A row that both have, with other fields. */
export interface ChangedRow {
  label: string;
  /** Names of the fields that differ. */
  fields: string[];
  /** By its own time it is older than it was expected. */
  older: boolean;
}

/** How many rows differ besides those that are named. */
export interface Unnamed {
  missing: number;
  extra: number;
  changed: number;
  /** Those of the changed ones that are older. */
  older: number;
}

/** How a table differs. Rows are named by {@link rowLabel}. */
export interface TableDifference {
  table: string;
  /** The table itself is absent (`missing`), unexpected (`extra`), or has other fields (`fields`). */
  whole?: "missing" | "extra" | "fields";
  missing: string[];
  extra: string[];
  changed: ChangedRow[];
  /** Absent: all of them are named. */
  unnamed?: Unnamed;
}

/** How two dumps differ. */
export interface Comparison {
  equal: boolean;
  tables: number;
  /** Rows of the expected dump that were compared. */
  rows: number;
  differences: TableDifference[];
  /** One line for each table that was not compared in full: what was left out and why. */
  exclusions: string[];
}

/** Every row that differs is named. */
export const ALL_NAMED: Unnamed = { missing: 0, extra: 0, changed: 0, older: 0 };

/** Whether anything differs in a table. */
export const differs = ({ whole, missing, extra, changed, unnamed = ALL_NAMED }: TableDifference): boolean =>
  whole !== undefined ||
  missing.length + extra.length + changed.length + unnamed.missing + unnamed.extra + unnamed.changed > 0;

/**
 * What an earlier comparison and this one both found. Two managers cannot be looked at in one moment: what somebody
 * writes meanwhile makes them differ, each time in another row, and only a row that stays different is a difference.
 */
export function stillDiffering(earlier: Comparison, now: Comparison): Comparison {
  const found = new Set(earlier.differences.flatMap(namesOf));
  const uncounted = new Set(earlier.differences.flatMap(({ table, unnamed }) => (unnamed ? [table] : [])));
  // Where not all were named it is not known which were found before: all of them count.
  const unclear = (one: TableDifference) => one.unnamed !== undefined || uncounted.has(one.table);
  const differences = now.differences
    .map((one) =>
      unclear(one)
        ? one
        : {
            ...one,
            missing: one.missing.filter((label) => found.has(`missing ${label}`)),
            extra: one.extra.filter((label) => found.has(`extra ${label}`)),
            changed: one.changed.filter(({ label }) => found.has(`changed ${label}`)),
          },
    )
    .filter((one) => unclear(one) || namesOf(one).some((name) => found.has(name)));
  return { ...now, differences, equal: differences.length === 0 };
}

const namesOf = ({ table, whole, missing, extra, changed }: TableDifference): string[] => [
  ...(whole ? [`${whole} ${table}`] : []),
  ...missing.map((label) => `missing ${label}`),
  ...extra.map((label) => `extra ${label}`),
  ...changed.map(({ label }) => `changed ${label}`),
];

/**
 * The differences as lines for an operator.
 *
 * @param limit most rows that are named in a line
 */
export function describeDifferences(comparison: Comparison, limit = 5): string[] {
  const some = (labels: string[], total: number) =>
    total > limit ? `${labels.slice(0, limit).join(", ")} and ${total - limit} more` : labels.join(", ");
  return comparison.differences.flatMap(({ table, whole, missing, extra, changed, unnamed = ALL_NAMED }) => {
    if (whole === "missing") return [`${table}: the table is missing`];
    if (whole === "extra") return [`${table}: a table that was not expected`];
    if (whole === "fields") return [`${table}: its fields are those of another LeoFS version`];
    const line = (labels: string[], more: number, what: string) => {
      const total = labels.length + more;
      return total > 0 ? [`${table}: ${total} ${what} (${some(labels, total)})`] : [];
    };
    const rows = changed.map((row) => `${row.label}: ${row.fields.join(", ")}`);
    return [
      ...line(missing, unnamed.missing, "missing"),
      ...line(extra, unnamed.extra, "not expected"),
      ...line(rows, unnamed.changed, "changed"),
    ];
  });
}
