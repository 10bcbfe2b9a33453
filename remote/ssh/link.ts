import type { Client, ClientChannel } from "ssh2";
import type { Endpoint } from "../connection";
import { excerpt, messageOf, RemoteError } from "../errors";
import { OLD_SERVER } from "./algorithms";
import { pause, untilAborted } from "./deadline";
import { type Carrier, logIn, openCarrier } from "./dial";
import { forward } from "./forward";
import { hostKeyPolicy } from "./hostKeys";
import { watchLiveness } from "./liveness";

interface Established {
  client: Client;
  carrier: Carrier;
}

/**
 * The one SSH connection to a host that everything in this process shares. It is made when first needed,
 * made again after a loss, and lets the process end while nobody holds it.
 */
export class Link {
  /** Why the last attempt to connect failed, for messages. */
  lastProblem: string | undefined;
  private established: Established | undefined;
  private connecting: Promise<Established> | undefined;
  private holders = 0;
  private generation = 0;
  /** The server was found to need what only old ones do. */
  private old = false;

  /** @param via the jump host's link, when there is one */
  constructor(
    readonly endpoint: Endpoint,
    readonly label: string,
    private readonly knownHostsFiles: readonly string[] | undefined,
    private readonly via?: Link,
    /** A key to try when the agent has none that helps. */
    private readonly lastKey?: string,
  ) {}

  /** What an operator should know of the server although it works; undefined when there is nothing. */
  get remark(): string | undefined {
    return this.old ? `${this.label} ${OLD_SERVER}` : undefined;
  }

  /** Whether a connection stands. */
  get connected(): boolean {
    return this.established !== undefined;
  }

  /** Whether something is under way on it. */
  get held(): boolean {
    return this.holders > 0;
  }

  /** Keeps the process alive, and attempts to connect going, until the returned function is called. */
  hold(): () => void {
    const releaseVia = this.via?.hold();
    this.holders += 1;
    this.established?.carrier.keepAlive(true);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.holders -= 1;
      if (this.holders === 0) this.established?.carrier.keepAlive(false);
      releaseVia?.();
    };
  }

  /** The connection, made if need be; all callers share one attempt. */
  async client(): Promise<Client> {
    if (this.established) return this.established.client;
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    return (await this.connecting).client;
  }

  /** A TCP connection made by the host. */
  async forward(address: string, port: number, signal: AbortSignal): Promise<ClientChannel> {
    return forward(await untilAborted(this.client(), signal), this.label, address, port, signal);
  }

  /** Ends the connection; a later use makes a new one. */
  close(): void {
    this.generation += 1;
    const gone = this.established;
    this.established = undefined;
    gone?.client.end();
    // A peer that never answers the farewell must not keep the process.
    gone?.carrier.keepAlive(false);
  }

  /** A loop of our own: it goes on only while somebody holds the link, and ends with what `@pulumi/command` calls its limit. */
  private async connect(): Promise<Established> {
    const { dialErrorLimit: limit } = this.endpoint;
    const generation = this.generation;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(generation);
      } catch (error) {
        if (error instanceof RemoteError && error.kind !== "unreachable") throw error;
        this.lastProblem = excerpt(messageOf(error));
        if (generation !== this.generation) throw this.unreachable(attempt, "it was closed meanwhile");
        if ((limit >= 0 && attempt >= limit) || this.holders === 0) throw this.unreachable(attempt);
        await pause(Math.min(100 * 1.5 ** (attempt - 1), 5000));
      }
    }
  }

  private async attempt(generation: number): Promise<Established> {
    const { carrier, client } = await this.login();
    const made = { client, carrier };
    if (generation !== this.generation) {
      client.end();
      throw new Error("it was closed meanwhile");
    }
    const lost = () => {
      if (this.established === made) this.established = undefined;
    };
    client.once("end", lost);
    client.once("close", lost);
    watchLiveness(client);
    this.established = made;
    this.lastProblem = undefined;
    carrier.keepAlive(this.holders > 0);
    return made;
  }

  private async login(): Promise<{ carrier: Carrier; client: Client }> {
    const carrier = await this.carrier();
    const policy = hostKeyPolicy(this.endpoint, this.label, this.knownHostsFiles);
    const { old, lastKey } = this;
    try {
      return {
        carrier,
        client: await logIn(this.endpoint, this.label, policy, carrier.stream, { old, lastKey }),
      };
    } catch (error) {
      if (old || !(error instanceof RemoteError) || error.kind !== "algorithms") throw error;
      this.old = true;
      return this.login();
    }
  }

  private async carrier(): Promise<Carrier> {
    const { host, port, perDialTimeout } = this.endpoint;
    if (!this.via) return openCarrier(host, port, perDialTimeout);
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(new Error(`no answer within ${perDialTimeout} s`)),
      perDialTimeout > 0 ? perDialTimeout * 1000 : 2 ** 31 - 1,
    );
    try {
      const stream = await this.via.forward(host, port, controller.signal);
      return { stream, keepAlive: () => undefined };
    } finally {
      clearTimeout(timer);
    }
  }

  private unreachable(attempts: number, reason = this.lastProblem): RemoteError {
    // What `ssh` knows by an alias has an address in ssh_config, which the client of the service steps does not read.
    const advice = /\b(ENOTFOUND|EAI_AGAIN)\b/.test(reason ?? "")
      ? `This machine knows no address of that name. If it is an alias of ssh_config, which is not read here, give what \`ssh -G ${this.endpoint.host}\` says as host, port, user and proxy (npx leofs-recovery diagnose writes them).`
      : "Check that the host is up, that sshd listens there and that no firewall is in between; then try again.";
    return new RemoteError(
      "unreachable",
      this.label,
      `${this.label} cannot be reached over SSH: ${reason} (attempts: ${attempts}). ${advice}`,
    );
  }
}
