import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { makeReplica } from "../../leofs/pair/replica";
import { Session } from "../../providers/session/session";
import { incidentDirectory } from "../../providers/targets/arguments";
import { readClusters } from "../../recovery";
import { Sandbox } from "../../sandbox";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { commandLine, wholeNumber } from "../../test/commandLine";
import { sh } from "../../test/support/shell";
import { fill } from "./fill";

const HELP = `npm run test:latency -- [OPTIONS]     how long create-user takes while the other manager becomes a replica

  --rows N,N,...   rows of the serving manager, a run each (10000,100000,500000); a user is three rows
  --seconds N      how long it is measured before and after (5)
  --help

A sandbox each: its master is lost, the slave serves. A client creates users through its console, each as soon as the one before
was answered: before, while every table is copied to the replacement (the step of an online takeover that does that, alone),
and after. Real Erlang and Mnesia; how long a command takes in LeoFS itself is not in it. Nothing may fail.`;

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: "string", default: "10000,100000,500000" },
      seconds: { type: "string", default: "5" },
    },
  });
  return {
    rows: values.rows.split(",").map((one) => wholeNumber("rows", one)),
    seconds: wholeNumber("seconds", values.seconds),
  };
}

/** A client that creates users, and how long each took in ms. */
class Client {
  private made = 0;
  readonly failed: string[] = [];

  constructor(
    private readonly sandbox: Sandbox,
    private readonly manager: string,
  ) {}

  /** Creates users as long as `work` runs. */
  async during(work: Promise<unknown>): Promise<number[]> {
    const took: number[] = [];
    let on = true;
    const over = work.finally(() => {
      on = false;
    });
    over.catch(() => undefined);
    while (on) {
      const began = performance.now();
      const user = `latency${++this.made}`;
      const answer = await this.sandbox.console(this.manager, `create-user ${user}`).catch(String);
      took.push(performance.now() - began);
      if (!answer.includes("secret-access-key")) this.failed.push(`${user}: ${answer.trim()}`);
    }
    await over;
    return took;
  }
}

function line(phase: string, took: number[]): string {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(10);
  return `  ${phase.padEnd(8)}${String(took.length).padStart(7)} users, median ${ms(at(0.5))}, 99 % under ${ms(at(0.99))}, longest ${ms(at(1))}`;
}

/** The serving manager and the one that becomes its replica, as a step of a recovery sees them. */
async function managersOf(sandbox: Sandbox) {
  const settings = { ...takeoverSettings(sandbox.description, "latency"), method: "online" };
  const { survivor, replacement } = readClusters({ latency: settings })[0]!.takeover!;
  const session = new Session();
  const common = { cluster: "latency", incident: "latency" };
  for (const target of [survivor, replacement])
    await session
      .hostOf(target)
      .run(sh('mkdir -p -- "$1"'), { list: [`${incidentDirectory(target, common)}/journal`] });
  const opened = await session.open([survivor, replacement], common);
  const [, made] = opened.managers;
  // As the step before leaves it: there, and empty.
  await made.host.run(sh('mkdir -p -- "$1"'), { list: [made.settings.mnesiaDirectory] });
  return opened;
}

async function measure(rows: number, seconds: number): Promise<string[]> {
  const base = await mkdtemp(join(tmpdir(), "leofs-recovery-latency-"));
  const directory = join(base, "sandbox");
  try {
    const sandbox = await Sandbox.up({ directory, fast: true, storages: 0, gateways: 0 });
    const lost = sandbox.manager("manager_0").node;
    await sandbox.lose("master");
    await sandbox.spare();
    await fill(sandbox, "manager_1", rows);
    const { managers, incident } = await managersOf(sandbox);
    const [serving, made] = managers;
    const client = new Client(sandbox, "manager_1");
    const before = await client.during(pause(seconds * 1000));
    const began = performance.now();
    let copied = { tables: 0, rows: 0 };
    const during = await client.during(
      makeReplica(serving, made, incident, { node: lost }, () => undefined).then((result) => {
        copied = result;
      }),
    );
    const took = (performance.now() - began) / 1000;
    const after = await client.during(pause(seconds * 1000));
    if (client.failed.length > 0)
      throw new Error(`${client.failed.length} users were not created: ${client.failed[0]}`);
    return [
      `${rows} rows: ${copied.tables} tables, ${copied.rows} rows copied in ${took.toFixed(1)} s`,
      line("before", before),
      line("during", during),
      line("after", after),
    ];
  } finally {
    await Sandbox.down(directory);
    await rm(base, { recursive: true, force: true });
  }
}

async function main({ rows, seconds }: ReturnType<typeof readArguments>): Promise<number> {
  for (const one of rows) for (const said of await measure(one, seconds)) console.log(said);
  return 0;
}

// Connections to the hosts would keep this process.
void commandLine(HELP, readArguments, async (options) => process.exit(await main(options)));
