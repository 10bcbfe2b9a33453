import { createConnection } from "node:net";

/**
 * One command on a manager's text console, its reply to the end. The connection is half-closed after the command, as
 * leofs-adm does: the server answers and closes. No reply at all is returned as empty text: LeoFS's sign of a crash
 * in the handler. Throws when nobody listens or no end comes within `timeoutMs` (default 15 s).
 */
export function consoleCommand(
  address: string,
  port: number,
  line: string,
  timeoutMs = 15_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = createConnection({ host: address, port });
    const fail = (reason: string) => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(`console ${address}:${port}, ${line.split(" ")[0]}: ${reason}`));
    };
    const timer = setTimeout(() => fail(`no end of the reply within ${timeoutMs} ms`), timeoutMs);
    socket.on("connect", () => socket.end(`${line}\r\n`));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", (error) => fail(error.message));
    socket.on("close", (failed) => {
      if (failed) return;
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString("latin1"));
    });
  });
}
