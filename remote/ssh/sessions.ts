import type { Client, ClientChannel } from "ssh2";
import { excerpt, messageOf, RemoteError } from "../errors";
import { markOf, RUN } from "../work";
import { pause, untilAborted } from "./deadline";
import type { Link } from "./link";
import { lostConnection } from "./loss";

/** Something that occupies a session without using it, and can do without. */
export interface Idle {
  close(): void;
}

class SessionRefused extends Error {}

/** A plain `sh` that reads what it is to do, with the name of this run in the process list. */
export const SHELL = `exec sh -s ${markOf(RUN)}`;

/** How long a server may take to free the session of an ended process, in steps of 50 ms. */
const PATIENCE = 20;

/**
 * The sessions of one connection. A server may allow very few (`MaxSessions 1`): then idle shells give
 * theirs up, and who still finds none waits its turn.
 */
export class Sessions {
  private readonly open = new Set<ClientChannel>();
  /** The connection that was closed because it had no session left, until one is opened on the next. */
  private outgrown: Client | undefined;
  private readonly idle = new Set<Idle>();
  private readonly waiting: Array<() => void> = [];
  /** Requests for a session that the server has not answered yet: one of them may have the last. */
  private asked = 0;

  constructor(readonly link: Link) {}

  /** Whether somebody waits for a session: whoever finishes should give its own up. */
  get wanted(): boolean {
    return this.waiting.length > 0;
  }

  /** Says that this holder of a session does not use it now. */
  markIdle(holder: Idle): void {
    this.idle.add(holder);
    if (this.wanted) this.yieldOne();
  }

  /** Says that this holder uses its session, or is gone. */
  markBusy(holder: Idle): void {
    this.idle.delete(holder);
  }

  /**
   * Opens a session that runs a plain `sh`, whatever the login shell is: nothing else is ever said to a
   * login shell, which may be csh or fish.
   *
   * @param wait false: fail at once when the server allows no further session
   */
  async start(signal: AbortSignal, wait = true): Promise<ClientChannel> {
    let refusals = 0;
    let losses = 0;
    let refusing: Client | undefined;
    for (;;) {
      const client = await untilAborted(this.link.client(), signal);
      try {
        return this.counted(await this.exec(client, signal));
      } catch (error) {
        signal.throwIfAborted();
        // A connection that broke unnoticed shows at its next use; nothing was run yet, so once more is safe.
        if (error instanceof RemoteError && error.kind === "closed" && losses++ === 0) continue;
        if (!(error instanceof SessionRefused)) throw error;
        if (!wait) throw this.refused(error);
        if (this.open.size > 0) {
          await this.freed(signal);
          continue;
        }
        const patience = this.asked > 0 ? 10 * PATIENCE : PATIENCE;
        if (refusals >= patience && refusing === client) {
          if (this.outgrown && this.outgrown !== client) throw this.refused(error);
          // A process that was given up may occupy its session for ever: a new connection has its own.
          if (!this.outgrown) this.link.close();
          this.outgrown = client;
          continue;
        }
        refusals = refusing === client ? refusals + 1 : 0;
        refusing = client;
        await pause(50, signal);
      }
    }
  }

  /** Closes a session without waiting for its process, which may never end. */
  abandon(channel: ClientChannel): void {
    channel.close();
    this.settle(channel);
  }

  private counted(channel: ClientChannel): ClientChannel {
    this.outgrown = undefined;
    this.open.add(channel);
    channel.once("close", () => this.settle(channel));
    return channel;
  }

  private settle(channel: ClientChannel): void {
    if (this.open.delete(channel)) this.waiting.shift()?.();
  }

  private async exec(client: Client, signal: AbortSignal): Promise<ClientChannel> {
    let givenUp = false;
    this.asked += 1;
    const opening = new Promise<ClientChannel>((resolve, reject) => {
      const lost = () => reject(lostConnection(this.link.label));
      client.once("close", lost);
      client.exec(SHELL, (error, channel) => {
        client.off("close", lost);
        if (error) return reject("reason" in error ? new SessionRefused(error.message) : error);
        if (givenUp) channel.close();
        resolve(channel);
      });
    });
    try {
      return await untilAborted(opening, signal);
    } catch (error) {
      givenUp = true;
      if (error instanceof RemoteError || error instanceof SessionRefused || signal.aborted) throw error;
      throw this.refused(error);
    } finally {
      this.asked -= 1;
    }
  }

  private freed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        const place = this.waiting.indexOf(done);
        if (place >= 0) this.waiting.splice(place, 1);
        // The turn may have been given to this one just now: it goes to the next.
        else this.waiting.shift()?.();
        resolve();
      };
      this.waiting.push(done);
      signal.addEventListener("abort", leave, { once: true });
      this.yieldOne();
    });
  }

  private yieldOne(): void {
    const [holder] = this.idle;
    if (!holder) return;
    this.idle.delete(holder);
    holder.close();
  }

  private refused(error: unknown): RemoteError {
    const { label } = this.link;
    return new RemoteError(
      "channel",
      label,
      `${label} accepted the login but opens no session (${excerpt(messageOf(error))}). ` +
        `Check MaxSessions and ForceCommand in its sshd_config and that the user has a login shell.`,
    );
  }
}
