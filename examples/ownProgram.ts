import { type ManagerTarget, MnesiaBackup, Takeover } from "leofs-recovery";

const manager = (number: number, host: string): ManagerTarget => ({
  node: `manager_${number}@${host}`,
  home: `/usr/local/leofs/current/leo_manager_${number}`,
  backupDirectory: "/var/backups/leofs",
  connection: { host, user: "leofs" },
  privateKeyFile: "/home/operator/.ssh/id_ed25519",
});

// A dump on its own: taken once a name, parsed whole, published with its manifest, never overwritten.
const dump = new MnesiaBackup("before-upgrade", {
  cluster: "production",
  incident: "before-upgrade-2026-11",
  kind: "dump",
  manager: manager(1, "10.0.0.12"),
});
export const dumpDirectory = dump.path;

// A whole recovery as a component; other resources can depend on it.
const takeover = new Takeover("production", {
  cluster: "production",
  incident: "2026-11-22-manager-0-lost",
  lost: "manager_0@10.0.0.11",
  survivor: manager(1, "10.0.0.12"),
  replacement: manager(0, "10.0.0.13"),
});
export const outcome = takeover.outcome;
