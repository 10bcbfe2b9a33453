import type { RemoteProcess } from "../../remote/host";
import { script } from "../../remote/script";
import { expressions } from "../erlang/expressions";
import { etcOf } from "../manager/lookedAt";
import type { Stopped } from "../manager/manager";

const VM = script("leofs/pair/scripts/replica-vm.sh");
const PROGRAM = expressions("leofs/pair/replicaVm.erl");

/** Starting a VM and its Mnesia takes 0.3 s on an idle host; a name that is still taken is waited for 20 s. */
const READY_MS = 60_000;
/** The log of a schema and some tables is written in a second; of many rows in some more. */
const CLOSE_MS = 120_000;
/** The VM ends itself when it is not told for a minute that it is wanted. */
const WANTED_EVERY_MS = 5_000;

const SAYS = "=vm ";

const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");

/** The temporary VM under the node name of a manager that is down, with a Mnesia on a directory of its own. */
export interface ReplicaVm {
  /** Writes what its Mnesia has to disc and ends it. */
  close(): Promise<void>;
  /** Ends it as it is; nothing of it stays on the host but what its Mnesia wrote. */
  drop(): Promise<void>;
}

/**
 * Starts the VM, from the release in the manager's home. While it runs the manager cannot start: its name is taken.
 *
 * @param directory where its Mnesia writes
 * @throws when it does not start, or its name is taken, with what it said.
 */
export async function startReplicaVm(
  { host, as, spec, settings, facts }: Stopped,
  directory: string,
): Promise<ReplicaVm> {
  const vm = await host.spawn(VM, { home: spec.home, etc: etcOf(facts) }, { as });
  const said = new Lines(vm);
  vm.stdin.on("error", () => undefined);
  vm.stdin.write(`${base64(`${PROGRAM.text}.\n`)}\n`);
  vm.stdin.write(`${[spec.node, settings.cookie, directory].map(base64).join(" ")}\n`);
  const wanted = setInterval(() => vm.stdin.write(".\n"), WANTED_EVERY_MS);
  const ended = vm.done.finally(() => clearInterval(wanted));
  ended.catch(() => undefined);
  const drop = async () => {
    clearInterval(wanted);
    vm.stdin.end();
    await ended.catch(() => undefined);
  };
  const expectWord = async (word: string, timeoutMs: number) => {
    const answer = await said.next(timeoutMs);
    if (answer === word) return;
    await drop();
    throw new Error(
      `${host.label}: the temporary VM of ${spec.node} ${whyNot(answer)}. Nothing of it is left; run pulumi up again.`,
    );
  };
  await expectWord("ready", READY_MS);
  return {
    drop,
    async close() {
      clearInterval(wanted);
      vm.stdin.write("end\n");
      await expectWord("closed", CLOSE_MS);
      await drop();
    },
  };
}

const whyNot = (said: string | undefined): string => {
  if (said === undefined) return "gave no answer in time";
  if (said.startsWith("name ")) return `could not take that name, which another VM has (${said.slice(5)})`;
  return `did not serve: ${said}`;
};

/** What a process says in lines `=vm WORDS`; its end is one too. Reports of the runtime begin with `=` as well. */
class Lines {
  private readonly lines: string[] = [];
  private rest = "";
  private other = "";
  private wake: () => void = () => undefined;

  constructor(vm: RemoteProcess) {
    vm.stdout.on("data", (chunk: Buffer) => this.take(chunk.toString("latin1")));
    vm.done.then(
      ({ code, stderr }) => this.add(`ended (exit ${code}) ${this.other}${stderr}`.trim()),
      (error: Error) => this.add(error.message),
    );
  }

  async next(timeoutMs: number): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, timeoutMs);
      if (this.lines.length > 0) resolve();
    });
    clearTimeout(timer);
    return this.lines.shift();
  }

  private add(line: string): void {
    this.lines.push(line);
    this.wake();
  }

  private take(text: string): void {
    const [...lines] = `${this.rest}${text}`.split("\n");
    this.rest = lines.pop()!;
    for (const line of lines)
      if (line.startsWith(SAYS)) this.add(line.slice(SAYS.length));
      else this.other = `${this.other}${line}\n`.slice(-1000);
  }
}
