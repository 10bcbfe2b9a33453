import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** All that the state keeps of the provider's code: where to find it at run time. */
export const GREETING_PROVIDER =
  'exports.handler = () => require("module").createRequire(process.cwd() + "/_")("greeting/provider").handler;';

/** The smallest dynamic resource that is loaded from a package instead of being serialised. */
export class Greeting extends pulumi.CustomResource {
  declare readonly reply: pulumi.Output<string>;
  declare readonly host: pulumi.Output<{ directory: string; engine: string }>;
  declare readonly plan: pulumi.Output<string[]>;

  constructor(name: string, args: { text: pulumi.Input<string> }, options?: pulumi.CustomResourceOptions) {
    const urn = pulumi.createUrn(name, "pulumi-nodejs:dynamic/leofs:Greeting", options?.parent);
    const properties = { ...args, resourceUrn: urn, reply: undefined, host: undefined, plan: undefined };
    super(
      "pulumi-nodejs:dynamic/leofs:Greeting",
      name,
      { ...properties, __provider: GREETING_PROVIDER },
      options,
    );
  }
}

const PROVIDER = `
const grpc = require(process.env.GREETING_GRPC);
const { LogRequest, LogSeverity } = require("@pulumi/pulumi/proto/engine_pb");
const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb");
const say = (urn, message, ephemeral) => new Promise((resolve, reject) => {
  const request = new LogRequest();
  request.setSeverity(LogSeverity.INFO);
  request.setMessage(message);
  request.setUrn(urn);
  request.setEphemeral(ephemeral);
  new EngineClient(process.argv[2], grpc.credentials.createInsecure())
    .log(request, (error) => (error ? reject(error) : resolve()));
});
const outs = (news) => ({
  ...news,
  reply: "hello " + news.text,
  host: { directory: process.cwd(), engine: process.argv[2] },
});
exports.handler = {
  async check(_olds, news) { return { inputs: { ...news, plan: ["would say hello " + news.text] } }; },
  async diff(_id, olds, news) { return { changes: olds.text !== news.text }; },
  async create(news) {
    await say(news.resourceUrn, "step 1/1: saying hello", true);
    await say(news.resourceUrn, "said hello", false);
    return { id: "greeting", outs: outs(news) };
  },
  async update(_id, _olds, news) { return { outs: outs(news) }; },
  async read(id, props) { return { id, props }; },
  async delete() {},
};
`;

/** Writes the package that {@link GREETING_PROVIDER} loads into a new temporary directory, and returns that. */
export async function writeGreetingPackage(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-greeting-"));
  const sdk = createRequire(__filename).resolve("@pulumi/pulumi");
  const exports = { "./provider": "./provider.js" };
  await writeFile(
    join(directory, "package.json"),
    JSON.stringify({ name: "greeting", version: "1.0.0", exports }),
  );
  // Outside any project nothing is found by name, so the SDK and its gRPC are named by their files.
  const text = PROVIDER.replace(
    "process.env.GREETING_GRPC",
    JSON.stringify(createRequire(sdk).resolve("@grpc/grpc-js")),
  ).replaceAll("@pulumi/pulumi/", `${join(sdk, "..")}/`);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "provider.js"), text);
  return directory;
}
