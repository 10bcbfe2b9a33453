import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { Sandbox } from "../../sandbox";
import type { ManagerDescription } from "../../sandbox/describe";
import { vmsOfHome } from "../../sandbox/processes";

/** Asks until the answer satisfies; returns it. Throws with the last answer when `limitMs` is over. */
export async function until<T>(
  ask: () => Promise<T>,
  satisfies: (answer: T) => boolean,
  limitMs = 30_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer)) return answer;
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms; last answer: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The console's reply, or `refused` where nobody listens. */
export const reply = (cluster: Sandbox, manager: string, line: string): Promise<string> =>
  cluster.console(manager, line).catch(() => "refused");

export const untilReply = (
  cluster: Sandbox,
  manager: string,
  line: string,
  pattern: RegExp,
  limitMs?: number,
) =>
  until(
    () => reply(cluster, manager, line),
    (text) => pattern.test(text),
    limitMs,
  );

/** Returns when the manager's VM is gone. */
export const untilGone = (cluster: Sandbox, manager: string, limitMs?: number): Promise<boolean> =>
  until(
    () => cluster.isRunning(manager),
    (running) => !running,
    limitMs,
  );

export const serving = /^ \[System Confiuration\]/;

/** Starts the master, and the slave once the master's console is open. Returns when both serve with all tables. */
export async function startPair(cluster: Sandbox, master = "master", slave = "slave"): Promise<void> {
  await cluster.startManager(master);
  await untilReply(cluster, master, "version", /1\.4\.4/);
  await cluster.startManager(slave);
  await cluster.waitForPair([master, slave]);
}

/** Stops every manager that runs, in this order. */
export async function stopAll(cluster: Sandbox, ...managers: string[]): Promise<void> {
  for (const manager of managers) if (await cluster.isRunning(manager)) await cluster.stopManager(manager);
}

export const mnesiaDirectory = (manager: ManagerDescription): string =>
  join(manager.home, "work", "mnesia", "127.0.0.1");

/** Moves the Mnesia directory aside, as the documented procedure does. */
export function clearTables(manager: ManagerDescription): void {
  const directory = mnesiaDirectory(manager);
  if (existsSync(directory)) renameSync(directory, `${directory}.${Date.now()}.${Math.random()}`);
}

export const tableFiles = (manager: ManagerDescription): string[] =>
  existsSync(mnesiaDirectory(manager)) ? readdirSync(mnesiaDirectory(manager)) : [];

const confOf = (manager: ManagerDescription) => join(manager.home, "etc", "leo_manager.conf");

/** Changes the text of leo_manager.conf; the returned function puts the old text back. */
export function editConf(manager: ManagerDescription, change: (text: string) => string): () => void {
  const before = readFileSync(confOf(manager), "utf8");
  writeFileSync(confOf(manager), change(before));
  return () => writeFileSync(confOf(manager), before);
}

export function setPartner(manager: ManagerDescription, partner: string): void {
  editConf(manager, (text) => text.replace(/^manager\.partner = .*$/m, `manager.partner = ${partner}`));
}

/** Changes one of the sandbox's timers of one manager, from its next start on. */
export function setTimer(manager: ManagerDescription, name: string, ms: number): void {
  const file = join(manager.home, "etc", "leo_manager.environment");
  const text = readFileSync(file, "utf8").replace(
    new RegExp(`^export ${name}=.*$`, "m"),
    `export ${name}='${ms}'`,
  );
  writeFileSync(file, text);
}

export const appConfig = (manager: ManagerDescription): string =>
  readFileSync(join(manager.home, "etc", "app.config"), "utf8");

export function errorLog(manager: ManagerDescription): string {
  const file = join(manager.home, "log", "app", "error");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** The process id of the manager's VM; undefined while there is none. */
export async function beamOf(manager: ManagerDescription): Promise<number | undefined> {
  return (await vmsOfHome(manager.home))[0];
}

/** Current ring hash as the manager's text console shows it. */
export async function ringHashOf(cluster: Sandbox, manager: string): Promise<string> {
  return /current ring-hash \| (\S*)/.exec(await cluster.console(manager, "status"))?.[1] ?? "";
}

export const userNames = async (cluster: Sandbox, manager: string): Promise<string[]> =>
  (await cluster.console(manager, "get-users"))
    .split("\r\n")
    .slice(2)
    .map((line) => line.split("|")[0]?.trim() ?? "")
    .filter(Boolean);

/** A bare connection to a console, for looking at its framing. */
export function openConsole(manager: ManagerDescription, port = manager.consolePort) {
  const socket = createConnection({ host: manager.nodeAddress, port });
  let received = "";
  let closed = false;
  socket.setEncoding("latin1");
  socket.on("data", (text) => {
    received += text;
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
  });
  return {
    send: (text: string) => socket.write(text),
    close: () => socket.destroy(),
    /** Everything received so far, once the pattern is in it. */
    until: (pattern: RegExp, limitMs?: number) =>
      until(
        async () => received,
        (text) => pattern.test(text),
        limitMs,
      ),
    closed: () =>
      until(
        async () => closed,
        (gone) => gone,
      ).then(() => received),
    received: () => received,
  };
}
