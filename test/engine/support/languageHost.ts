import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";

const load = createRequire(__filename);
const grpc: typeof Grpc = createRequire(load.resolve("@pulumi/pulumi"))("@grpc/grpc-js");

/** With this code `cmd/run` says that a person has been told what was wrong. */
const TOLD = 32;

type Run = messages.RunRequest;
type Handlers = {
  handshake: Grpc.handleUnaryCall<messages.LanguageHandshakeRequest, messages.LanguageHandshakeResponse>;
  getPluginInfo: Grpc.handleUnaryCall<Empty, PluginInfo>;
  getRequiredPackages: Grpc.handleUnaryCall<
    messages.GetRequiredPackagesRequest,
    messages.GetRequiredPackagesResponse
  >;
  run: Grpc.handleUnaryCall<Run, messages.RunResponse>;
};

/**
 * Stands in for `pulumi-language-nodejs`, which is a program of Pulumi's releases only: for each run of the program it
 * starts Pulumi's own `cmd/run` with the arguments and the environment that the language host of the release gives it.
 * To be named to the CLI by `--client=<address>`.
 */
export class LanguageHost {
  /** `127.0.0.1:<port>`. */
  address = "";
  /** The command line of each run, from the script on. */
  readonly commands: string[][] = [];
  /** What the programs printed past the engine, both streams. */
  printed = "";
  private readonly server = new grpc.Server();
  private readonly running = new Set<ChildProcess>();
  private engine = "";

  private constructor(private readonly environment: NodeJS.ProcessEnv) {}

  /** @param environment of the programs: the one of the CLI, which a language host inherits */
  static async start(environment: NodeJS.ProcessEnv): Promise<LanguageHost> {
    const host = new LanguageHost(environment);
    const handlers: Handlers = {
      handshake: ({ request }, done) => {
        host.engine = request.getEngineAddress();
        done(null, new messages.LanguageHandshakeResponse());
      },
      getPluginInfo: (_, done) => done(null, new PluginInfo()),
      getRequiredPackages: ({ request }, done) => done(null, packagesOf(request.getInfo())),
      run: ({ request }, done) => {
        host.run(request).then(
          (response) => done(null, response),
          (error: Error) => done({ code: grpc.status.INTERNAL, details: error.message }),
        );
      },
    };
    const service = LanguageRuntimeService as unknown as Grpc.ServiceDefinition;
    host.server.addService(
      Object.fromEntries(Object.keys(handlers).map((name) => [name, service[name]!])),
      handlers,
    );
    const port = await new Promise<number>((resolve, reject) =>
      host.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    host.address = `127.0.0.1:${port}`;
    return host;
  }

  /** Ends the programs that still run, and the host. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.running].map((child) => {
        child.kill("SIGKILL");
        return new Promise((resolve) => child.once("close", resolve));
      }),
    );
    this.server.forceShutdown();
  }

  private async run(request: Run): Promise<messages.RunResponse> {
    const program = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
    const script = createRequire(join(program, "_")).resolve("@pulumi/pulumi/cmd/run");
    const command = [script, ...this.argumentsOf(request)];
    this.commands.push(command);
    const child = spawn(process.execPath, command, {
      cwd: request.getInfo()?.getRootDirectory(),
      env: {
        ...this.environment,
        PULUMI_CONFIG: JSON.stringify(configOf(request)),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        // The default, and what Pulumi.yaml says; under `--client` the engine passes no options of the project.
        PULUMI_NODEJS_TYPESCRIPT: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.running.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => {
        this.printed += bytes.toString();
      });
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit) => resolve(exit ?? -1));
    }).finally(() => this.running.delete(child));
    const response = new messages.RunResponse();
    if (code === TOLD) response.setBail(true);
    else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
    return response;
  }

  private argumentsOf(request: Run): string[] {
    const info = request.getInfo();
    const flags: [string, string | undefined][] = [
      ["monitor", request.getMonitorAddress()],
      // To a client, which it did not start itself, the engine gives its address as the program's one argument.
      ["engine", this.engine || request.getArgsList()[0]],
      ["organization", request.getOrganization()],
      ["project", request.getProject()],
      ["root-directory", info?.getRootDirectory()],
      ["stack", request.getStack()],
      ["pwd", info?.getProgramDirectory()],
    ];
    return [
      ...flags.flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      "--parallel",
      String(request.getParallel()),
      info?.getEntryPoint() ?? request.getProgram(),
    ];
  }
}

// Old SDKs know a setting by this name only, so the host of the release gives it to all of them.
const configOf = (request: Run): Record<string, string> =>
  Object.fromEntries(
    [...request.getConfigMap().getEntryList()].map(([key, value]) => [key.replace(":", ":config:"), value]),
  );

/** The plugins that the project's dependencies name: the release's host finds them in `node_modules` too. */
function packagesOf(info: messages.ProgramInfo | undefined): messages.GetRequiredPackagesResponse {
  const response = new messages.GetRequiredPackagesResponse();
  if (!info) return response;
  const directory = info.getProgramDirectory();
  const manifest = (path: string) => JSON.parse(readFileSync(join(directory, path, "package.json"), "utf8"));
  for (const name of Object.keys(manifest("").dependencies)) {
    const { pulumi, version } = manifest(join("node_modules", name));
    if (!pulumi?.resource) continue;
    const plugin = new PackageDependency();
    plugin.setKind("resource");
    plugin.setName(pulumi.name ?? name.replace("@pulumi/", ""));
    plugin.setVersion(`v${pulumi.version ?? version}`.replace("vv", "v"));
    response.addPackages(plugin);
  }
  return response;
}
