import type { ProviderName } from "../../providers/contract/resource";

/** Every kind of resource, by the name of its provider: a state may hold each for ever. */
export const NAMES: readonly ProviderName[] = [
  "recoveryCheck",
  "mnesiaBackup",
  "managerPartnerConfig",
  "mnesiaImport",
  "managerRegistration",
  "recoveryRollback",
];
