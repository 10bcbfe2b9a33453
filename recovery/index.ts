/** Recovery of LeoFS managers with Pulumi: two components, and the four resources they are made of. */
export type {
  CopyTarget,
  CopyTargetArgs,
  FenceTarget,
  ManagerTarget,
  ManagerTargetArgs,
} from "../providers/arguments";
export { ManagerPartnerConfig, type ManagerPartnerConfigArgs } from "../providers/managerPartnerConfig";
export { ManagerRegistration, type ManagerRegistrationArgs } from "../providers/managerRegistration";
export { MnesiaBackup, type MnesiaBackupArgs } from "../providers/mnesiaBackup";
export { MnesiaImport, type MnesiaImportArgs } from "../providers/mnesiaImport";
export { RecoveryRollback, type RecoveryRollbackArgs } from "../providers/recoveryRollback";
export { InPlaceRecovery, type InPlaceRecoveryArgs } from "./inPlaceRecovery";
export type { RecoveryOutcome } from "./recovery";
export { Rollback, type RollbackArgs } from "./rollback";
export { type ClusterSettings, fencedOf, managersOf, readClusters } from "./settings";
export { Takeover, type TakeoverArgs } from "./takeover";
