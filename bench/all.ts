import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { say } from "./report";

/** What docs/performance.md is made of: the folder of its figures, and what `npm run bench --` is given. */
export const MEASURES = {
  ways: "--rounds 4",
  "delay-20": "--fast --rounds 1 --delay 20 --ways by-hand ours-offline ours-online",
  "delay-100": "--fast --rounds 1 --delay 100 --ways by-hand ours-offline ours-online",
  own: "--own --fast",
  "users-200000": "--users 200000 --rounds 1 --cases takeover --ways floor ours-offline ours-online",
  "users-1000000": "--users 1000000 --rounds 1 --cases takeover --ways ours-online",
  clusters: "--clusters 1 10 50 --parallel 400 --cases takeover",
  copy: "--copy 1024 --rounds 2",
} as const;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The file of a measure's table. */
const TABLES: Partial<Record<keyof typeof MEASURES, string>> = {
  own: "own.md",
  clusters: "clusters.md",
  copy: "copy.md",
};

/**
 * Makes every measure, one after another, each as a program of its own, so that none meets what another left in memory. Each
 * cleans up after itself, also on Ctrl-C, which ends the rest.
 *
 * @param out directory that gets a folder for each, and all.md with their tables
 * @param ansible the program that runs playbooks
 * @returns the exit code: 1 when one of them failed
 */
export async function measureAll(out: string, ansible: string): Promise<number> {
  const tables: string[] = [];
  let failed = 0;
  for (const [name, words] of Object.entries(MEASURES)) {
    const folder = join(out, name);
    // A table of another day would stand for this one's, should it fail.
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    say(`\n--- npm run bench -- ${words}`);
    const { code, stopped } = await measure([...words.split(" "), "--ansible", ansible, "--out", folder]);
    if (stopped) return 1;
    if (code !== 0) failed += 1;
    const table = join(folder, TABLES[name as keyof typeof MEASURES] ?? "table.md");
    tables.push(await readFile(table, "utf8").catch(() => `\`npm run bench -- ${words}\` made no table.`));
    await writeFile(join(out, "all.md"), `${tables.join("\n")}\n`);
  }
  const all = Object.keys(MEASURES).length;
  say(`\n${all - failed} of ${all} measures made; all of it in ${join(out, "all.md")}`);
  return failed === 0 ? 0 : 1;
}

/** Runs one as a program, and waits for its end also after a signal: it ends what it started. */
function measure(words: readonly string[]): Promise<{ code: number; stopped: boolean }> {
  const program = [...process.execArgv, join(__dirname, "cli.ts"), ...words];
  const child = spawn(process.execPath, program, { stdio: "inherit" });
  let stopped = false;
  const pass = (signal: NodeJS.Signals) => {
    stopped = true;
    // A terminal gives Ctrl-C to both.
    if (signal !== "SIGINT") child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      for (const signal of SIGNALS) process.off(signal, pass);
      resolve({ code: code ?? 1, stopped });
    });
  });
}
