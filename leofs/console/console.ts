import { type Host, hasKind } from "../../remote/host";
import { script } from "../../remote/script";
import {
  ConsoleError,
  checkJson,
  checkText,
  commandLine,
  type ExchangeOptions,
  exchange,
} from "./consoleProtocol";
import type { BucketRow, EndpointRow, Status, UserRow } from "./consoleReplies";
import { bucketsFromJson, endpointsFromJson, statusFromJson, usersFromJson } from "./jsonReplies";
import { bucketsFromText, endpointsFromText, statusFromText, usersFromText } from "./textReplies";

export { ConsoleError, type ConsoleErrorKind } from "./consoleProtocol";
export * from "./consoleReplies";

/** Where a manager's consoles listen, as seen from its own host. */
export interface ConsolePlace {
  /** `console.bind_address` (LeoFS 1.4.1 and later; before, consoles listen on every address): `localhost`, an address. Default `localhost`. */
  address?: string;
  /** `console.port.cui`. Default 10010. */
  port?: number;
  /** `console.port.json`. Default 10020. */
  jsonPort?: number;
  /** Path of `leofs-adm` on that host, used where the SSH server forwards no connections. */
  adm?: string;
}

/** For lists: LeoFS looks up every user on its own, and there may be hundreds of thousands. */
const LONG: ExchangeOptions = { timeoutMs: 120_000, maxBytes: 256 * 1024 * 1024 };

const ADM = script("leofs/console/scripts/leofs-adm.sh");

/**
 * A manager's console, over connections that its own host opens. Reads go to the JSON port, commands to the
 * text port (the JSON port crashes on some errors). Where forwarding is off, `leofs-adm` on the host is run
 * instead, once that is found out for the rest of the object's life.
 */
export class Console {
  private forwards = true;

  constructor(
    private readonly host: Host,
    private readonly place: ConsolePlace = {},
    private readonly options: ExchangeOptions = {},
  ) {}

  /** Sends a command to the text console. Throws {@link ConsoleError} for `[ERROR]`, silence and the rest. */
  async command(...words: string[]): Promise<string> {
    const line = commandLine(words);
    const reply = await this.send(line, this.place.port ?? 10010);
    return checkText(line, reply ?? (await this.adm(words)));
  }

  /** System configuration, ring hashes, storage and gateway nodes. */
  status(): Promise<Status> {
    return this.read(["status"], statusFromJson, statusFromText);
  }

  users(): Promise<UserRow[]> {
    return this.readList("get-users", usersFromJson, usersFromText);
  }

  buckets(): Promise<BucketRow[]> {
    return this.readList("get-buckets", bucketsFromJson, bucketsFromText);
  }

  endpoints(): Promise<EndpointRow[]> {
    return this.readList("get-endpoints", endpointsFromJson, endpointsFromText);
  }

  /** Tells the running storage and gateway nodes their managers. LeoFS does not check the names. */
  async updateManagers(master: string, slave: string): Promise<void> {
    const reply = await this.command("update-managers", master, slave);
    if (reply.trim() !== "OK")
      throw new ConsoleError(
        "unreadable",
        "update-managers",
        `update-managers did not answer OK but: ${reply.trim().slice(0, 200)}`,
      );
  }

  private async read<T>(
    words: string[],
    fromJson: (reply: Record<string, unknown>) => T,
    fromText: (reply: string) => T,
    options = this.options,
  ): Promise<T> {
    const line = commandLine(words);
    const reply = await this.send(line, this.place.jsonPort ?? 10020, options);
    return reply === undefined
      ? fromText(checkText(line, await this.adm(words, options)))
      : fromJson(checkJson(line, reply));
  }

  /** A list: an empty one may be called an error, as the text console does. */
  private async readList<T>(
    command: string,
    fromJson: (reply: Record<string, unknown>) => T[],
    fromText: (reply: string) => T[],
  ): Promise<T[]> {
    try {
      return await this.read([command], fromJson, fromText, { ...LONG, ...this.options });
    } catch (error) {
      if (error instanceof ConsoleError && /not found$/i.test(error.reply)) return [];
      throw error;
    }
  }

  /** The reply of the console at that port; undefined when the host forwards no connections. */
  private async send(line: string, port: number, options = this.options): Promise<string | undefined> {
    if (!this.forwards) return undefined;
    try {
      const address = this.place.address ?? "localhost";
      const stream = await this.host.dial(address, port, this.options.timeoutMs ?? 10_000);
      return await exchange(stream, line, options);
    } catch (error) {
      if (!this.place.adm || !hasKind(error, "forwarding")) throw error;
      this.forwards = false;
      return undefined;
    }
  }

  private async adm(words: string[], options = this.options): Promise<string> {
    const { adm = "leofs-adm", address = "localhost", port = 10010 } = this.place;
    const timeoutMs = options.timeoutMs ?? 10_000;
    const result = await this.host.run(ADM, { adm, address, port, list: words }, { timeoutMs });
    const said = `${result.stdout} ${result.stderr}`.trim().slice(0, 300);
    if (/couldn't connect to LeoFS Manager/.test(said))
      throw new ConsoleError(
        "unreachable",
        words.join(" "),
        `nobody listens on ${address}:${port} of ${this.host.label}: the manager is down, or its console is elsewhere`,
      );
    if (result.code !== 0 || /^usage:/i.test(result.stdout.trim()))
      throw new ConsoleError(
        "unreadable",
        words.join(" "),
        `${adm} ${words.join(" ")} on ${this.host.label} ended with exit code ${result.code}: ${said}`,
      );
    return result.stdout;
  }
}
