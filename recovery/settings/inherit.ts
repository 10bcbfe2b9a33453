const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A cluster as written, with its own backup directory in each manager that gives none. */
export function withInherited(cluster: unknown): unknown {
  if (!isMapping(cluster) || typeof cluster.backupDirectory !== "string") return cluster;
  const { backupDirectory } = cluster;
  const inherit = (manager: unknown): unknown =>
    isMapping(manager)
      ? { ...manager, backupDirectory: manager.backupDirectory || backupDirectory }
      : manager;
  const within = (keys: readonly string[], value: unknown): unknown =>
    isMapping(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, one]) => [
            key,
            keys.includes(key) ? (Array.isArray(one) ? one.map(inherit) : inherit(one)) : one,
          ]),
        )
      : value;
  return {
    ...cluster,
    ...("takeover" in cluster && { takeover: within(["survivor", "replacement"], cluster.takeover) }),
    ...("move" in cluster && { move: within(["stays", "to"], cluster.move) }),
    ...("inPlace" in cluster && { inPlace: within(["damaged", "donor", "managers"], cluster.inPlace) }),
  };
}
