import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { appendFile, chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach } from "vitest";
import { FIND_PROCESSES } from "../../../leofs/manager/processes";
import type { ManagerSpec } from "../../../leofs/names";
import type { Values } from "../../../remote/script";
import { cleanUp, type FakeHome, fakeHome } from "./fakeHome";
import { LocalHost } from "./localHost";
import { shells } from "./shells";

/**
 * A stand-in for bin/leo_manager: `start` starts a process that the process table shows as an Erlang VM of that
 * node, `stop` ends it. The file `manner` in the home says how it misbehaves.
 */
const SCRIPT = (node: string) => `#!/bin/bash
home=$(cd "$(dirname "$0")/.." && pwd)
manner=$(cat "$home/manner" 2>/dev/null)
echo "$1 as $(id -un)" >> "$home/asked"
case "$1 $manner" in
  "start exits 0") exit 0 ;;
  "start refuses"|"stop refuses") echo "$0: cannot create pid file: Permission denied" >&2; exit 0 ;;
  "stop hangs"|"start hangs") echo $$ >> "$home/pids"; exec -a "$1 of ${node}" sleep 120 ;;
  "start slow") setsid "$0" console >/dev/null 2>&1 </dev/null & sleep 0.1 ;;
  "console slow") echo $$ >> "$home/pids"; until [ -e "$home/go" ]; do sleep 0.05; done; rm "$home/manner"; exec "$0" start ;;
  "start "*)
    fifo=$home/fifo
    [ -p "$fifo" ] || mkfifo "$fifo"
    # The process ends by itself after two minutes, whatever becomes of the test.
    setsid bash -c 'trap "" HUP; exec -a "$1/erts-11.1.8/bin/beam.smp" bash -c "read -r -t 120 line <> \\"$1/fifo\\"" -- -root "$1" -name "$2" -setcookie x' \\
      - "$home" ${node} >/dev/null 2>&1 </dev/null &
    echo $! >> "$home/pids" ;;
  "stop ignores") exit 0 ;;
  "stop comes back")
    echo x > "$home/fifo"; sleep 0.2; rm "$home/manner"; "$0" start ;;
  "stop lies") echo x > "$home/fifo"; exit 1 ;;
  "stop "*) echo x > "$home/fifo"; exit 0 ;;
esac
`;

/** A manager on this machine whose control script is a stand-in; a new one for each test of the file. */
class StandInManager {
  home!: FakeHome;

  get manager(): ManagerSpec {
    return this.home.manager;
  }

  /** How it misbehaves from now on. */
  manner(text: string): Promise<void> {
    return writeFile(join(this.manager.home, "manner"), text);
  }

  /** What its control script was asked, and as whom. */
  async asked(): Promise<string[]> {
    const text = await readFile(join(this.manager.home, "asked"), "utf8").catch(() => "");
    return text.split("\n").slice(0, -1);
  }

  /** Names of the entries in its incident's journal. */
  async journal(): Promise<string[]> {
    return (await readdir(join(this.home.incident, "journal")).catch(() => [])).sort();
  }

  /** Its process ids, as the product finds them. */
  async pids(): Promise<string[]> {
    const { node, home } = this.manager;
    const { stdout } = await new LocalHost().run(FIND_PROCESSES, { node, home });
    return stdout.split("\n").filter(Boolean);
  }

  /** A process that is ended with the test's others. */
  async ended(pid: number | undefined): Promise<void> {
    await appendFile(join(this.manager.home, "pids"), `${pid}\n`);
  }

  /** A process that looks like this command line. */
  async pretend(...line: string[]): Promise<void> {
    const [argv0, ...args] = line;
    const { pid } = spawn(process.execPath, ["-e", "setTimeout(() => {}, 120_000)", "--", ...args], {
      argv0,
      detached: true,
      stdio: "ignore",
    });
    await this.ended(pid);
  }
}

/** Makes one before each test, and ends its processes after it, by the ids that were noted. */
export function standInManager(): StandInManager {
  const one = new StandInManager();
  cleanUp();
  beforeEach(async () => {
    one.home = await fakeHome(`manager_${process.pid}`);
    const { home, node } = one.manager;
    await writeFile(join(home, "bin/leo_manager"), SCRIPT(node));
    await chmod(join(home, "bin/leo_manager"), 0o755);
    await mkdir(one.home.incident);
  });
  afterEach(async () => {
    const noted = await readFile(join(one.manager.home, "pids"), "utf8").catch(() => "");
    for (const pid of noted.split("\n").filter(Boolean)) {
      const line = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
      if (line.includes(one.manager.node) || line.includes(one.manager.home))
        process.kill(Number(pid), "SIGKILL");
    }
  });
  return one;
}

/** Values with another limit than the ones that are made for real managers. */
export const limited = (values: Values, limit: number): Values => ({ ...values, limit });
/** The shells of this machine, each as one program: busybox is told which of its programs it is by a word. */
export function shellPrograms(): { name: string; shell: string }[] {
  const programs = mkdtempSync(join(tmpdir(), "leofs-recovery-shells-"));
  afterAll(() => rmSync(programs, { recursive: true, force: true }));
  return shells.map(({ name, command }) => {
    const program = join(programs, name);
    writeFileSync(program, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`, { mode: 0o755 });
    return { name, shell: program };
  });
}
