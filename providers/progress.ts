import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { engineAddress } from "./engineAddress";

/** Tells the operator how a resource gets on. */
export interface Progress {
  /** The current step: shown beside the resource, replaced by the next. */
  step(text: string): void;
  /** Something worth keeping: stays on the screen under the resource. */
  note(text: string): void;
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
  const send = (message: string, ephemeral: boolean): void => {
    const target = engine();
    if (!target) return;
    const request = new LogRequest();
    request.setSeverity(LogSeverity.INFO);
    request.setMessage(message);
    request.setUrn(urn ?? "");
    request.setStreamid(0);
    request.setEphemeral(ephemeral);
    target.log(request, () => {});
  };
  return { step: (text) => send(text, true), note: (text) => send(text, false) };
}
