import { defaultValue, type EffectiveConf } from "../conf/conf";

/** Keys of a master's configuration and the fields of LeoFS's system configuration they become. */
const SYSTEM_KEYS: Readonly<Record<string, string>> = {
  "system.dc_id": "dc_id",
  "system.cluster_id": "cluster_id",
  "consistency.num_of_replicas": "n",
  "consistency.write": "w",
  "consistency.read": "r",
  "consistency.delete": "d",
  "consistency.rack_aware_replicas": "num_of_rack_replicas",
  "mdc_replication.max_targets": "max_mdc_targets",
  "mdc_replication.num_of_replicas_a_dc": "num_of_dc_replicas",
  "mdc_replication.consistency.write": "mdcr_w",
  "mdc_replication.consistency.read": "mdcr_r",
  "mdc_replication.consistency.delete": "mdcr_d",
};

/** Replica counts with which LeoFS does not run: more writes, reads or deletes asked for than there are replicas. */
export function impossibleReplicas(conf: EffectiveConf): string[] {
  const value = (key: string): number =>
    Number(conf.values.get(`consistency.${key}`)?.value ?? defaultValue(`consistency.${key}`, "master"));
  const replicas = value("num_of_replicas");
  return ["write", "read", "delete"]
    .filter((key) => value(key) > replicas)
    .map(
      (key) =>
        `consistency.${key} is ${value(key)}, more than consistency.num_of_replicas, which is ${replicas}.`,
    );
}

/**
 * Where a new master's configuration disagrees with the cluster. A master that starts with empty tables writes
 * its own `system.*`, `consistency.*` and `mdc_replication.*` values, and running gateways take them over within seconds, before
 * the dump is loaded: they must be right before its first start. One sentence for each key.
 */
export function systemProblems(conf: EffectiveConf, cluster: Readonly<Record<string, string>>): string[] {
  return Object.entries(SYSTEM_KEYS).flatMap(([key, field]) => {
    const wanted = cluster[field];
    const setting = conf.values.get(key);
    const value = setting?.value ?? defaultValue(key, "master");
    if (wanted === undefined || value === wanted) return [];
    const where = setting ? `${setting.file} line ${setting.line} sets it to` : "no line sets it, so it is";
    return [`${key} must be ${wanted}, as in the cluster: ${where} ${value}. Set ${key} = ${wanted}.`];
  });
}
