import { join } from "node:path";
import { addressing } from "./addresses";
import { command, eventually, type Outcome } from "./commands";
import type { Description, NodeDescription } from "./describe";
import type { EnvironmentOf } from "./environment";
import { atomsOf, evaluate } from "./erlang";
import { installHome } from "./homes";
import { paths } from "./layout";
import type { Requirements } from "./requirements";

function conf(type: string, node: string, managers: readonly string[], cookie: string): string {
  return `${[
    `# leo_${type}.conf. The managers are read at start; every one of them must answer then.`,
    `managers = [${managers.join(", ")}]`,
    "",
    ...(type === "storage" ? ["obj_containers.path = [./avs]", "num_of_vnodes = 168"] : ["http.port = 8080"]),
    "",
    `nodename = ${node}`,
    `distributed_cookie = ${cookie}`,
  ].join("\n")}\n`;
}

/** Installs storage or gateway node `number`, following these managers. Not started. */
export async function installNode(
  of: EnvironmentOf,
  type: "storage" | "gateway",
  number: number,
  managers: readonly string[],
): Promise<NodeDescription> {
  const name = `${type}_${number}`;
  const address = of.settings.addresses === "recorded" ? "127.0.0.1" : addressing[type](of.index, number);
  const node = `${name}@${address}`;
  const home = paths.nodeHome(of.directory, name);
  const text = conf(type, node, managers, of.settings.cookie);
  await installHome(of, { type: `leo_${type}`, home, address, conf: text });
  return { type, node, home };
}

/** `bin/leo_storage <arguments>` or `bin/leo_gateway <arguments>`. */
export function nodeScript(node: NodeDescription, ...args: string[]): Promise<Outcome> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  return command(join(node.home, "bin", `leo_${node.type}`), args, { env });
}

/** The managers that the running node follows, in its own order; undefined when the node does not answer. */
export async function managersFollowed(
  tools: Requirements,
  sandbox: Description,
  node: NodeDescription,
): Promise<string[] | undefined> {
  const expression = `application:get_env(leo_${node.type}, managers)`;
  const answer = await evaluate(tools, sandbox, node.node, expression);
  return answer === undefined || !answer.startsWith("{ok") ? undefined : atomsOf(answer);
}

/** The ring hash that the running node reports, 8 hex digits, empty without a ring; undefined without an answer. */
export async function ringHash(
  tools: Requirements,
  sandbox: Description,
  node: { node: string },
): Promise<string | undefined> {
  const expression =
    "{ok, {Cur, _}} = leo_redundant_manager_api:checksum(ring), list_to_atom(leo_redundant_manager_api:hex(Cur))";
  const answer = await evaluate(tools, sandbox, node.node, expression);
  return answer === undefined ? undefined : (/[0-9a-f]{8}/.exec(answer)?.[0] ?? "");
}

/** Starts these nodes and returns when all follow their managers. Throws when one refuses to start. */
export async function startNodes(
  tools: Requirements,
  sandbox: Description,
  nodes: readonly NodeDescription[],
  limitMs: number,
): Promise<void> {
  await Promise.all(nodes.map((node) => nodeScript(node, "start")));
  for (const node of nodes)
    await eventually(
      `${node.node} up (it refuses to start when a manager of its conf does not answer; see ${node.home}/log/app/error)`,
      limitMs,
      async () => ((await managersFollowed(tools, sandbox, node)) === undefined ? undefined : true),
    );
}
