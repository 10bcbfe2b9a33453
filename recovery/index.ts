/** Recovery of LeoFS managers with Pulumi: four components, and the resources they are made of. */
export type { InPlaceCase, Method, RecoveryCase, TakeoverCase } from "../leofs/checks/recoveryCase";
export type { Choice } from "../leofs/incident/incident";
export type { ListedNode, ManagerSpec } from "../leofs/names";
export type { PlanLevel, PlanLine } from "../leofs/planLine";
export type { LeofsResource, ProviderName } from "../providers/contract/resource";
export { ManagerPartnerConfig, type ManagerPartnerConfigArgs } from "../providers/managerPartnerConfig";
export { ManagerRegistration, type ManagerRegistrationArgs } from "../providers/managerRegistration";
export { MnesiaBackup, type MnesiaBackupArgs } from "../providers/mnesiaBackup";
export { MnesiaImport, type MnesiaImportArgs } from "../providers/mnesiaImport";
export { RecoveryCheck, type RecoveryCheckArgs } from "../providers/recoveryCheck";
export { RecoveryRollback, type RecoveryRollbackArgs } from "../providers/recoveryRollback";
export type {
  ByType,
  Common,
  CommonArgs,
  CopyTarget,
  CopyTargetArgs,
  FenceTarget,
  FenceTargetArgs,
  HostTarget,
  ManagerTarget,
  ManagerTargetArgs,
  NodeException,
  NodesTarget,
  NodesTargetArgs,
  OnFailure,
  TargetArgs,
} from "../providers/targets/arguments";
export type { ConnectionArgs, EndpointArgs } from "../remote/connection";
export { InPlaceRecovery, Move, type Recovery, Takeover } from "./component";
export type { InPlaceRecoveryArgs } from "./inPlace";
export type { MoveArgs } from "./move";
export type { BackupOutcome, RecoveryOutcome } from "./outcome";
export type { Deed, Later, OfSide, Recipe, RecoveryPair, Side, Sides, Step } from "./recipe";
export { Rollback, type RollbackArgs } from "./rollback";
export type { ServiceStep } from "./serviceStep";
export type { RecoveryArgs } from "./settings/args";
export { type ClusterSettings, fencedOf, managersOf } from "./settings/cluster";
export { readClusters } from "./settings/clusters";
export type { TakeoverArgs } from "./takeover";
