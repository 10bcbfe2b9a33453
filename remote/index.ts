/** A host over SSH. Knows neither Pulumi nor LeoFS; implements the `Host` interface of `leofs/`. */
export {
  type Connection,
  type ConnectionArgs,
  type EndpointArgs,
  identityOf,
  labelOf,
  withDefaults,
} from "./connection";
export { connectionProblems } from "./connectionProblems";
export { RemoteError, type RemoteErrorKind } from "./errors";
export { type ConnectOptions, closeAll, connect } from "./pool";
export { commandLine, quote } from "./quote";
export { SshHost } from "./sshHost";
