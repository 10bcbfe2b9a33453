import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { engineAddress } from "./engineAddress";

/** Reports the progress of a resource to the operator. */
export interface Progress {
  /** The current step: shown beside the resource, replaced by the next. */
  step(text: string): void;
  /** Something worth keeping: stays on the screen under the resource. */
  note(text: string): void;
  /** Something that must not be overlooked: stays as a warning. Settles when the engine has it. */
  warn(text: string): Promise<void>;
}

/** gRPC as the Pulumi SDK has it: a dependency of it and not of this package. */
const grpc = (): typeof Grpc => createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js");

let client: EngineClient | undefined;

/** The engine of this run. */
function engine(): EngineClient | undefined {
  const address = engineAddress();
  if (!client && address) client = new EngineClient(address, grpc().credentials.createInsecure());
  return client;
}

/**
 * Progress of the resource with this URN, through the engine's log, since what a provider host prints is shown
 * under the stack and not under its resource. Never fails: progress is not worth a recovery.
 */
export function progressOf(urn: string | undefined): Progress {
  const send = (message: string, severity: LogSeverity, ephemeral = false): Promise<void> => {
    const target = engine();
    if (!target) return Promise.resolve();
    const request = new LogRequest();
    request.setSeverity(severity);
    request.setMessage(message);
    request.setUrn(urn ?? "");
    request.setStreamid(0);
    request.setEphemeral(ephemeral);
    return new Promise((resolve) => target.log(request, () => resolve()));
  };
  return {
    step: (text) => void send(text, LogSeverity.INFO, true),
    note: (text) => void send(text, LogSeverity.INFO),
    warn: (text) => send(text, LogSeverity.WARNING),
  };
}
