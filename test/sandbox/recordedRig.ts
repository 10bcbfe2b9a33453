import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../sandbox";
import { command } from "../../sandbox/commands";
import { sourceDirectory } from "../../sandbox/layout";
import { endAll, processesOfHome } from "../../sandbox/processes";
import { setPartner } from "./managerSupport";

/** What one command of a recording did on the sandbox. */
export interface Done {
  output: string[];
  code: number;
  connections: string[];
}

/**
 * The machine that the recordings were made on, with a sandbox in recorded mode in the place of LeoFS: /srv/leofs with the
 * nodes' homes, /var/backups/leofs, and the recordings' own helpers (con.py, fp.sh, mgrs.sh, killrig.sh, run.sh).
 */
export class RecordedRig {
  private readonly root: string;
  private files = 0;

  constructor(private readonly sandbox: Sandbox) {
    this.root = join(sandbox.directory, "rig");
    rmSync(this.root, { recursive: true, force: true });
    for (const folder of ["srv/leofs", "srv/old", "srv/rig", "srv/observed", "backups", "bin", "tmp"])
      mkdirSync(join(this.root, folder), { recursive: true });
    copyFileSync(join(sourceDirectory(), "files", "leofs-adm"), join(this.root, "bin", "leofs-adm"));
    for (const [name, { home }] of Object.entries(sandbox.description.managers)) this.install(name, home);
    for (const { type, home } of Object.values(sandbox.description.nodes))
      symlinkSync(home, join(this.root, "srv/leofs", `leo_${type}`));
  }

  private install(name: string, home: string): void {
    symlinkSync(home, join(this.root, "srv/leofs", name.replace("manager", "leo_manager")));
  }

  private path(text: string): string {
    return text
      .replaceAll("/srv/", `${this.root}/srv/`)
      .replaceAll("/var/backups/leofs", `${this.root}/backups`);
  }

  /** LeoFS's script, and the sandbox's, knows a node by the path it was started under: the sandbox's own, no link to it. */
  private realHomes(text: string): string {
    return text.replaceAll(/(?<![/\w])(leo_\w+)\/bin\//g, '"$(readlink -f $1)"/bin/');
  }

  /** The same text with the paths of the recording. */
  private recordedPath(text: string): string {
    return text
      .replaceAll(`${this.root}/srv/`, "/srv/")
      .replaceAll(`${this.root}/backups`, "/var/backups/leofs");
  }

  /** A file to put in a helper's place. */
  private keep(text: string): string {
    this.files += 1;
    const file = join(this.root, "tmp", `output.${this.files}`);
    writeFileSync(file, text);
    return file;
  }

  /** Sends one line; whether the server kept the connection is told by what it says to the `quit` that follows. */
  private async con(
    port: number,
    line: string,
    terminator = "\r\n",
  ): Promise<{ reply: string; kept: boolean } | undefined> {
    const quits = line === "quit" && terminator === "\r\n";
    const input = `${this.path(line)}${terminator}${quits ? "" : "quit\r\n"}`;
    const { code, stdout } = await command("nc", ["-N", "127.0.0.1", String(port)], { stdin: input });
    if (code !== 0) return undefined;
    if (quits) return { reply: stdout, kept: false };
    const kept = stdout.endsWith("BYE\r\n");
    return { reply: kept ? stdout.slice(0, -5) : stdout, kept };
  }

  /** fp.sh: what one manager shows of users, buckets, endpoints, rings and nodes. */
  async fingerprint(port: number): Promise<string> {
    const refused = "CONNECT ConnectionRefusedError [Errno 111] Connection refused";
    const squeeze = (line: string) => line.replaceAll(/ +/g, " ").trimStart();
    const lines: string[] = [];
    for (const what of ["get-users", "get-buckets", "get-endpoints"]) {
      const text = (await this.con(port, what))?.reply ?? refused;
      const shown = text.split("\r\n").filter(Boolean);
      for (const line of shown.length === 1 ? shown : shown.slice(2)) lines.push(`${what}: ${squeeze(line)}`);
    }
    const status = (await this.con(port, "status"))?.reply ?? "";
    for (const line of status.split("\r\n")) {
      if (line.startsWith("[ERROR]")) lines.push(`status:${line}`);
      if (/^ *(cluster Id|current ring-hash|previous ring-hash) |^ {2}[SG] /.test(line))
        lines.push(`status: ${squeeze(line)}`);
    }
    return `${lines.join("\n")}\n`;
  }

  /** Notes the fingerprint that the recordings compare with later. */
  async remember(name: string, port: number): Promise<void> {
    writeFileSync(join(this.root, "srv/observed", name), await this.fingerprint(port));
  }

  /** mgrs.sh: whom storage and gateway follow. */
  private async followed(): Promise<string> {
    const lines: string[] = [];
    for (const name of ["storage_0", "gateway_0"]) {
      const managers = (await this.sandbox.managersFollowed(name)) ?? [];
      const list = `{ok,[${managers.map((manager) => `'${manager}'`).join(",")}]}`;
      lines.push(
        `${name} leo_${name.split("_")[0]}.managers: ${list}`,
        `${name} membership monitors: ${list}`,
      );
    }
    return `${lines.join("\n")}\n`;
  }

  private async newNode(number: string, role: string, partner: string): Promise<string> {
    const name = await this.sandbox.spare({ role: role === "master" ? "master" : "slave" });
    if (name !== `manager_${number}`) throw new Error(`the sandbox calls the new manager ${name}`);
    const manager = this.sandbox.manager(name);
    setPartner(manager, partner);
    this.install(name, manager.home);
    return `/srv/leofs/leo_manager_${number} ready (${role}, partner ${partner}, cui ${manager.consolePort}, json ${manager.jsonPort})\n`;
  }

  /** Python's way to print bytes. */
  private static bytes(text: string): string {
    const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
    const escaped = text.replaceAll("\\", "\\\\").replaceAll("\r", "\\r").replaceAll("\n", "\\n");
    return `b${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}\n`;
  }

  private async console(text: string, done: Done): Promise<string> {
    const [, port, quoted, bare, flags] = /^con\.py (\d+) (?:'([^']*)'|((?:\\.|[^ |\\])+))((?: --\w+)*)/.exec(
      text,
    )!;
    const line = quoted ?? bare!.replaceAll("\\ ", " ");
    const answer = await this.con(Number(port), line, flags!.includes("--lf") ? "\n" : "\r\n");
    if (answer === undefined)
      return `(cat ${this.keep("CONNECT ConnectionRefusedError [Errno 111] Connection refused\n")}; exit 2)`;
    done.connections.push(`${answer.reply.length} bytes, server ${answer.kept ? "kept open" : "closed"}`);
    const reply = this.recordedPath(answer.reply);
    return `cat ${this.keep(flags!.includes("--raw") ? RecordedRig.bytes(reply) : reply.replaceAll("\r\n", "\n"))}`;
  }

  /** Runs one command of a recording. */
  async run(recorded: string): Promise<Done> {
    const done: Done = { output: [], code: 0, connections: [] };
    let text = recorded;
    const replaceEach = async (pattern: RegExp, by: (match: RegExpExecArray) => Promise<string>) => {
      for (let match = pattern.exec(text); match !== null; match = pattern.exec(text))
        text = text.slice(0, match.index) + (await by(match)) + text.slice(match.index + match[0].length);
    };
    await replaceEach(/con\.py \d+ (?:'[^']*'|(?:\\.|[^ |\\])+)(?: --\w+)*/, (match) =>
      this.console(match[0], done),
    );
    await replaceEach(
      /fp\.sh (\d+)/,
      async (match) => `cat ${this.keep(await this.fingerprint(Number(match[1])))}`,
    );
    await replaceEach(/mgrs\.sh/, async () => `cat ${this.keep(await this.followed())}`);
    await replaceEach(/killrig\.sh \/srv\/leofs\/leo_(manager_\d)/, async (match) => {
      const { home } = this.sandbox.manager(match[1]!);
      await endAll(() => processesOfHome(home));
      return "true";
    });
    await replaceEach(/run\.sh newnode (\d) (master|slave) (\S+)/, async (match) => {
      return `cat ${this.keep(await this.newNode(match[1]!, match[2]!, match[3]!))}`;
    });
    const env = { PATH: `${this.root}/bin:${process.env.PATH}`, HOME: process.env.HOME, TERM: "dumb" };
    const cwd = join(this.root, "srv/leofs");
    const outcome = await command("bash", ["-c", this.realHomes(this.path(text))], {
      env,
      cwd,
      timeoutMs: 90_000,
    });
    done.code = outcome.code;
    done.output = this.recordedPath(outcome.stdout + outcome.stderr)
      .split("\n")
      .slice(0, -1);
    return done;
  }

  /** Shell text on the rig that the recordings leave out. */
  async prepare(text: string): Promise<void> {
    const { code, output } = await this.run(text);
    if (code !== 0) throw new Error(`${text}: ${output.join("\n")}`);
  }
}
