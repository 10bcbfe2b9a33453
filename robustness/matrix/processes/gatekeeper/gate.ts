import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";

/** `deny`: run as an ordinary user. `drop`: nobody is there any more; run nothing, or lose the reply. */
type Verdict = "run" | "deny" | "drop";

const [, , gatePath = "", host = ""] = process.argv;

/** The sshd process that serves this connection: the nearest one above. */
function connectionPid(): number {
  for (let pid = process.ppid; pid > 1; ) {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    if (/\((sshd|sshd-session)\)/.test(stat)) return pid;
    pid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  }
  return 0;
}

const connection = connectionPid();

/** Questions to the gate, answered one by one. */
export class Gate {
  private readonly waiting: ((verdict: Verdict) => void)[] = [];
  private rest = "";

  private constructor(private readonly socket: Socket | undefined) {
    socket?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.rest + text).split("\n");
      this.rest = lines.pop() ?? "";
      for (const line of lines) this.waiting.shift()?.(line as Verdict);
    });
    // A gate that went away has nothing to say any more.
    socket?.once("close", () => {
      for (const answer of this.waiting.splice(0)) answer("run");
    });
  }

  static open(): Promise<Gate> {
    return new Promise((resolve) => {
      const socket = createConnection(gatePath);
      socket.once("connect", () => resolve(new Gate(socket)));
      socket.on("error", () => resolve(new Gate(undefined)));
    });
  }

  ask(question: Record<string, unknown>): Promise<Verdict> {
    const { socket } = this;
    if (!socket || socket.destroyed) return Promise.resolve("run");
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      socket.write(`${JSON.stringify({ host, pid: process.pid, connection, ...question })}\n`);
    });
  }

  close(): void {
    this.socket?.destroy();
  }
}
