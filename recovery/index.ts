/** Recovery of LeoFS managers with Pulumi: two components, and the resources they are made of. */
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
export { RecoveryCheck, type RecoveryCheckArgs } from "../providers/recoveryCheck";
export { RecoveryRollback, type RecoveryRollbackArgs } from "../providers/recoveryRollback";
export { InPlaceRecovery, Takeover } from "./component";
export type { InPlaceRecoveryArgs } from "./inPlace";
export type { RecoveryOutcome } from "./outcome";
export { Rollback, type RollbackArgs } from "./rollback";
export { type ClusterSettings, fencedOf, managersOf } from "./settings/cluster";
export { readClusters } from "./settings/clusters";
export type { TakeoverArgs } from "./takeover";
