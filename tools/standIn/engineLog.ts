import { createRequire } from "node:module";
import type * as grpcModule from "@grpc/grpc-js";
import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { Log } from "./remoteCommand";

// gRPC is a dependency of the Pulumi SDK, not ours: it must be the SDK's copy.
const sdkRequire = createRequire(require.resolve("@pulumi/pulumi"));

/**
 * A log that the engine shows under a resource.
 * @param address the engine's address: the first argument that it gives a provider process.
 */
export function engineLog(address: string): (urn: string) => Log {
  const grpc: typeof grpcModule = sdkRequire("@grpc/grpc-js");
  const { LogRequest, LogSeverity } = sdkRequire("./proto/engine_pb");
  const { EngineClient: Engine } = sdkRequire("./proto/engine_grpc_pb");
  const client: EngineClient = new Engine(address, grpc.credentials.createInsecure());
  const send = (urn: string, message: string, ephemeral: boolean) => {
    const request = new LogRequest();
    request.setSeverity(LogSeverity.INFO);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    // A progress line that does not arrive must not fail a command that ran.
    client.log(request, () => {});
  };
  return (urn) => ({
    line: (text) => send(urn, text, false),
    status: (text) => send(urn, text, true),
  });
}
