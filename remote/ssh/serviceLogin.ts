import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { type ConnectionArgs, type Endpoint, labelOf, sharingKey, withDefaults } from "../connection";
import { excerpt, messageOf, RemoteError } from "../errors";
import { keysOfAgent } from "./agent";
import { logIn, openCarrier } from "./dial";
import { hostKeyPolicy } from "./hostKeys";
import { serviceKeyProblem } from "./serviceKey";

/** Said by a shell that reads what a service step gives it. */
const WORD = "leofs-recovery:a-shell-reads-this";

/** Milliseconds for the shell, once logged in: what start files do may take long, and that client waits for ever. */
const SHELL_MS = 30_000;

/** Logins that went through in this process. */
const good = new Set<string>();

/**
 * Why the client of `@pulumi/command` 1.2.1, which the service steps go through, would not log in and start a shell;
 * undefined when it would, or when the host cannot be reached at all. That client is another one than this folder's: it
 * takes one source of public keys (a key that is given, else the agent), gives up when nothing answers at the agent's socket,
 * and reads fewer kinds of keys. A login of its kind is made, and ended again.
 *
 * @param args as that package gets them: keys as text, host keys pinned
 */
export async function serviceLoginProblem(args: ConnectionArgs): Promise<string | undefined> {
  const key = sharingKey(args, []);
  if (good.has(key)) return undefined;
  const problem = await problemOf(args);
  if (problem === undefined) good.add(key);
  return problem;
}

async function problemOf(args: ConnectionArgs): Promise<string | undefined> {
  const { proxy, ...own } = withDefaults(args);
  const clients: Client[] = [];
  try {
    if (proxy) clients.push(await enter(proxy, await socketTo(proxy)));
    const [jump] = clients;
    const client = await enter(own, jump ? await through(jump, own) : await socketTo(own));
    clients.push(client);
    return await shellProblem(client, own);
  } catch (error) {
    if (error instanceof Unfit) return error.message;
    if (!(error instanceof RemoteError) || error.kind === "unreachable") return undefined;
    return error.message;
  } finally {
    for (const client of clients.reverse()) client.end();
  }
}

/** What that client would not even begin with. */
class Unfit extends Error {}

async function socketTo({ host, port, perDialTimeout }: Endpoint): Promise<Duplex> {
  try {
    return (await openCarrier(host, port, perDialTimeout)).stream;
  } catch (error) {
    throw new RemoteError("unreachable", host, messageOf(error));
  }
}

const through = (jump: Client, { host, port }: Endpoint): Promise<Duplex> =>
  new Promise((resolve, reject) =>
    jump.forwardOut("127.0.0.1", 0, host, port, (error, stream) =>
      error ? reject(new RemoteError("unreachable", host, error.message)) : resolve(stream),
    ),
  );

async function enter(endpoint: Endpoint, stream: Duplex): Promise<Client> {
  const label = labelOf(endpoint);
  const { privateKey, privateKeyPassword, agentSocketPath, ...others } = endpoint;
  try {
    const unread = privateKey && serviceKeyProblem(privateKey, privateKeyPassword);
    if (unread) throw new Unfit(`${label}: ${unread}`);
    if (agentSocketPath && (await keysOfAgent(agentSocketPath)) === undefined)
      throw new Unfit(
        `${label}: nothing answers at the SSH agent's socket ${agentSocketPath}, and that client gives up then, whatever else it is given. Start the agent, or unset SSH_AUTH_SOCK (agentSocketPath).`,
      );
    const source = privateKey
      ? { privateKey, ...(privateKeyPassword && { privateKeyPassword }) }
      : agentSocketPath
        ? { agentSocketPath }
        : {};
    const policy = hostKeyPolicy(endpoint, label, []);
    // The kinds that only old servers sign with are among those that client offers from the start.
    return await logIn({ ...others, ...source }, label, policy, stream, { old: true });
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** Starts what a service step starts, and sees that a shell reads its standard input. */
function shellProblem(client: Client, endpoint: Endpoint): Promise<string | undefined> {
  const label = labelOf(endpoint);
  return new Promise((resolve) => {
    const no = (why: string) =>
      resolve(`${label}: the login works, but \`exec sh\` starts no shell that reads its input: ${why}.`);
    const timer = setTimeout(() => no(`nothing was said within ${SHELL_MS / 1000} s`), SHELL_MS);
    timer.unref();
    client.exec("exec sh", (error, channel) => {
      if (error) {
        clearTimeout(timer);
        return no(excerpt(error.message));
      }
      let said = "";
      for (const stream of [channel, channel.stderr])
        stream.on("data", (chunk: Buffer) => {
          said += chunk.toString();
        });
      channel.once("close", () => {
        clearTimeout(timer);
        if (said.includes(WORD)) resolve(undefined);
        else no(excerpt(said) || "it ended without a word");
      });
      channel.end(`echo ${WORD}\n`);
    });
  });
}
