/** A host over SSH. Knows neither Pulumi nor LeoFS; implements the `Host` interface of `leofs/`. */
export { keysOfAgent } from "./agent";
export {
  type Connection,
  type ConnectionArgs,
  type EndpointArgs,
  identityOf,
  labelOf,
  withDefaults,
} from "./connection";
export { connectionProblems, isEncryptedKey, looksLikeKey, privateKeyProblem } from "./connectionProblems";
export { type CopiedFile, type CopyOptions, copyFile } from "./copy";
export { type CopyDirectoryOptions, copyDirectory } from "./copyDirectory";
export { RemoteError, type RemoteErrorKind } from "./errors";
export { expectedHostKey } from "./hostKeys";
export { acquireLock, allLocked, type Lock, LockedError, type LockOptions, lockedBy } from "./lock";
export type { LockHolder, LockOwner } from "./lockOwner";
export { type ConnectOptions, closeAll, connect } from "./pool";

export { commandOf } from "./script";
export { serviceLoginProblem } from "./serviceLogin";
export { SshHost } from "./sshHost";
