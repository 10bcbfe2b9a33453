import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type * as Grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { packageRoot } from "../../../tools/paths";

const load = createRequire(__filename);
const fromSdk = createRequire(load.resolve("@pulumi/pulumi"));
const grpc: typeof Grpc = fromSdk("@grpc/grpc-js");

type Properties = Record<string, unknown>;
type Unary = (request: unknown, done: (error: Grpc.ServiceError | null, response: never) => void) => void;

/** What a failed call brought besides its message: the resource that is to be kept. */
export interface InitFailure {
  id: string;
  properties: Properties;
  reasons: string[];
}

/** A call that failed, as the engine sees it. */
export class CallFailed extends Error {
  constructor(
    message: string,
    readonly kept: InitFailure | undefined,
  ) {
    super(message);
  }
}

/** Pulumi's own dynamic-provider host, as the engine starts it, and a small engine that takes its log. */
export class ProviderHost {
  /** All that it printed, both streams. */
  printed = "";
  readonly log: { message: string; urn: string; ephemeral: boolean }[] = [];
  private process!: ChildProcess;
  private client!: Record<string, Unary> & { close(): void };

  private constructor(
    private readonly directory: string,
    private readonly engine: Grpc.Server,
  ) {}

  /** Starts it where `leofs-recovery` is an installed package and nothing else is near. */
  static async start(): Promise<ProviderHost> {
    const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-host-"));
    const engine = new grpc.Server();
    const host = new ProviderHost(directory, engine);
    try {
      await mkdir(join(directory, "node_modules"));
      await symlink(packageRoot(), join(directory, "node_modules", "leofs-recovery"));
      const listening = await host.listen();
      const port = await host.spawn(`127.0.0.1:${listening}`);
      const { ResourceProviderClient } = load("@pulumi/pulumi/proto/provider_grpc_pb");
      host.client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
      await host.configure();
      return host;
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  private listen(): Promise<number> {
    const log: Grpc.handleUnaryCall<LogRequest, Empty> = ({ request }, done) => {
      this.log.push({
        message: request.getMessage(),
        urn: request.getUrn(),
        ephemeral: request.getEphemeral(),
      });
      done(null, new Empty());
    };
    const service = EngineService as unknown as Record<string, Grpc.MethodDefinition<LogRequest, Empty>>;
    this.engine.addService({ log: service.log! }, { log });
    return new Promise((resolve, reject) =>
      this.engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
  }

  private spawn(engine: string): Promise<number> {
    const script = load.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    // Without an agent or a home directory, what is tested does not depend on who runs it.
    const env = { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: this.directory };
    this.process = spawn(process.execPath, [script, engine], { cwd: this.directory, env });
    return new Promise((resolve, reject) => {
      const take = (bytes: Buffer) => {
        this.printed += bytes.toString();
        const port = /^(\d+)\n/.exec(this.printed)?.[1];
        if (port) resolve(Number(port));
      };
      this.process.stdout!.on("data", take);
      this.process.stderr!.on("data", take);
      this.process.once("close", () => reject(new Error(`the provider host ended: ${this.printed}`)));
    });
  }

  private async configure(): Promise<void> {
    const request = new messages.ConfigureRequest();
    request.setArgs(Struct.fromJavaScript({}));
    await this.call<messages.ConfigureResponse>("configure", request);
  }

  async check(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: [string, string][] }> {
    const request = new messages.CheckRequest();
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await this.call<messages.CheckResponse>("check", request);
    return {
      inputs: plain(response.getInputs()),
      failures: response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]),
    };
  }

  async diff(olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }> {
    const request = new messages.DiffRequest();
    request.setId("id");
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const response = await this.call<messages.DiffResponse>("diff", request);
    return {
      changes: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: response.getReplacesList(),
    };
  }

  async create(inputs: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new messages.CreateRequest();
    request.setProperties(struct(inputs));
    const response = await this.call<messages.CreateResponse>("create", request);
    return { id: response.getId(), properties: plain(response.getProperties()) };
  }

  async update(olds: Properties, news: Properties): Promise<Properties> {
    const request = new messages.UpdateRequest();
    request.setId("id");
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return plain((await this.call<messages.UpdateResponse>("update", request)).getProperties());
  }

  async read(state: Properties): Promise<Properties> {
    const request = new messages.ReadRequest();
    request.setId("id");
    request.setProperties(struct(state));
    return plain((await this.call<messages.ReadResponse>("read", request)).getProperties());
  }

  async delete(state: Properties): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setId("id");
    request.setProperties(struct(state));
    await this.call("delete", request);
  }

  private call<T>(method: string, request: unknown): Promise<T> {
    return new Promise((resolve, reject) =>
      this.client[method]!(request, (error, response) =>
        error ? reject(new CallFailed(error.details, keptBy(error))) : resolve(response as T),
      ),
    );
  }

  /** Ends the host and removes its directory. */
  async stop(): Promise<void> {
    this.client?.close();
    if (this.process && this.process.exitCode === null) {
      const closed = new Promise((resolve) => this.process.once("close", resolve));
      this.process.kill("SIGKILL");
      await closed;
    }
    this.engine.forceShutdown();
    await rm(this.directory, { recursive: true, force: true });
  }
}

const struct = (value: Properties): Struct =>
  Struct.fromJavaScript(JSON.parse(JSON.stringify(value)) as Parameters<typeof Struct.fromJavaScript>[0]);
const plain = (value: Struct | undefined): Properties => (value?.toJavaScript() ?? {}) as Properties;

/** Reads the details that the engine takes a begun resource from. */
function keptBy(error: Grpc.ServiceError): InitFailure | undefined {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!bytes) return undefined;
  const { Status } = load("@pulumi/pulumi/proto/status_pb");
  const [detail] = Status.deserializeBinary(bytes).getDetailsList();
  const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue());
  return { id: failed.getId(), properties: plain(failed.getProperties()), reasons: failed.getReasonsList() };
}
