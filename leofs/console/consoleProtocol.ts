import type { Duplex } from "node:stream";

/**
 * - `refused`: the manager answered with an error; `reply` is its text
 * - `empty`: the connection was closed without a byte: the manager's handler crashed on the command
 * - `cut`: the reply ended early
 * - `timeout`: no complete reply in time
 * - `unreachable`: nobody listens
 * - `unreadable`: the reply is not what the command answers
 */
export type ConsoleErrorKind = "refused" | "empty" | "cut" | "timeout" | "unreachable" | "unreadable";

/** A console command that did not do what it was sent for. */
export class ConsoleError extends Error {
  override readonly name = "ConsoleError";
  constructor(
    readonly kind: ConsoleErrorKind,
    readonly command: string,
    message: string,
    /** What the manager said, for `refused`: `Mnesia is not available`. */
    readonly reply = "",
  ) {
    super(message);
  }
}

/** Limits of one exchange. */
export interface ExchangeOptions {
  /** Milliseconds until the reply must be complete. Default 10,000. */
  timeoutMs?: number;
  /** Bytes that a reply may have. Default 16 MB. */
  maxBytes?: number;
}

/** LeoFS hands a longer line to its handlers in pieces. */
const MAX_LINE = 1000;
const END = "BYE\r\n";

/**
 * The command line for a command and its arguments. LeoFS splits lines at blanks and knows no quoting, so an
 * argument with blanks or line breaks is refused with a RangeError instead of becoming another command.
 */
export function commandLine(words: readonly string[]): string {
  const bad = words.find((word) => word === "" || /[^!-~]/.test(word));
  if (bad !== undefined)
    throw new RangeError(
      `LeoFS's console cannot take ${JSON.stringify(bad)}: its words are plain characters without blanks`,
    );
  const line = words.join(" ");
  if (line.length > MAX_LINE)
    throw new RangeError(`LeoFS's console takes lines of ${MAX_LINE} characters at most`);
  return line;
}

/**
 * Sends one command and gives the whole reply. A reply has no end mark, so `quit` follows on the same
 * connection and the manager closes it after the reply and `BYE`. The stream is destroyed in any case: a text
 * console serves three connections only.
 */
export function exchange(stream: Duplex, command: string, options: ExchangeOptions = {}): Promise<string> {
  const { timeoutMs = 10_000, maxBytes = 16 * 1024 * 1024 } = options;
  return new Promise<string>((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const finish = (outcome: () => void) => {
      clearTimeout(timer);
      stream.removeAllListeners("data").removeAllListeners("end").removeAllListeners("close");
      stream.destroy();
      outcome();
    };
    const fail = (kind: ConsoleErrorKind, message: string) =>
      finish(() => reject(new ConsoleError(kind, command, message)));
    const end = () => {
      const reply = Buffer.concat(parts).toString("utf8");
      if (reply === "")
        fail(
          "empty",
          `the manager closed its console on \`${command}\` without an answer: see its log/app/error`,
        );
      else if (reply === END) fail("empty", `the manager's console gave no answer to \`${command}\``);
      else if (!reply.endsWith(END)) fail("cut", `the manager's answer to \`${command}\` ended too early`);
      else finish(() => resolve(reply.slice(0, -END.length)));
    };
    const timer = setTimeout(
      () =>
        fail(
          "timeout",
          `no complete answer to \`${command}\` within ${timeoutMs / 1000} s. A text console serves three connections ` +
            "at once: close other clients, or look whether the manager hangs",
        ),
      timeoutMs,
    );
    stream.on("data", (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size > maxBytes)
        fail("unreadable", `the answer to \`${command}\` is longer than ${maxBytes} bytes`);
    });
    stream.on("end", end);
    stream.on("close", end);
    stream.on("error", (error: Error) =>
      fail("cut", `the connection to the manager's console broke: ${error.message}`),
    );
    stream.write(`${command}\r\nquit\r\n`);
  });
}

/** The reply of a text console, or the error it carries. */
export function checkText(command: string, reply: string): string {
  const error = /^\s*\[ERROR\]([\s\S]*)$/.exec(reply)?.[1]?.trim();
  if (error !== undefined) throw refused(command, error);
  if (reply.trim() === "")
    throw new ConsoleError("empty", command, `the manager's console gave no answer to \`${command}\``);
  return reply;
}

/** The object that a JSON console answered, or the error it carries. */
export function checkJson(command: string, reply: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(reply);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable(command);
  const object = value as Record<string, unknown>;
  if ("error" in object) {
    const { error } = object;
    throw refused(command, typeof error === "string" ? error : JSON.stringify(error));
  }
  return object;
}

const refused = (command: string, text: string): ConsoleError =>
  new ConsoleError(
    "refused",
    command,
    `the manager refused \`${command}\`: ${text.length > 300 ? `${text.slice(0, 300)}...` : text}`,
    text,
  );

export const unreadable = (command: string): ConsoleError =>
  new ConsoleError("unreadable", command, `the answer to \`${command}\` is not what LeoFS 1.4 answers`);
