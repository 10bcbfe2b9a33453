import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type ShellOfMachine, shells } from "../../test/unit/support/shells";
import { nastyValue } from "./values";
import { type Way, ways } from "./ways";

/** Values that one shell gets at once: their text, quoted twice, must fit into one argument (128 KiB). */
const BATCH = 300;

export interface CampaignOptions {
  /** How many values; each goes through every shell by every way. */
  values: number;
  seed: number;
  /** Called after each batch with the values done so far. */
  progress?: (done: number) => void;
}

/** What a campaign came to. */
export interface CampaignResult {
  values: number;
  shells: string[];
  ways: string[];
  /** How often a value went through a shell. */
  passages: number;
}

/**
 * Sends random values through every way and every shell of this machine, and sees each come out as it went in
 * and none of them run: no file may appear where the shells work.
 *
 * @throws with the value, as JSON, the way and the shell of the first that does not.
 */
export function runCampaign({ values, seed, progress }: CampaignOptions): CampaignResult {
  const root = mkdtempSync(join(tmpdir(), "leofs-recovery-quoting-"));
  try {
    const benches = shells.map((shell) => new Bench(root, shell));
    const arbitrary = nastyValue(join(root, "mark"));
    const all = ways(userInfo().username, "nobody");
    let passages = 0;
    for (let done = 0; done < values; ) {
      const numRuns = Math.min(BATCH, values - done);
      const batch = fc.sample(arbitrary, { numRuns, seed: seed + done });
      for (const bench of benches)
        for (const way of all) {
          bench.send(way, batch);
          passages += numRuns;
        }
      if (existsSync(join(root, "mark"))) throw new Error(`a value of seed ${seed + done} was run`);
      done += numRuns;
      progress?.(done);
    }
    return { values, shells: shells.map(({ name }) => name), ways: all.map(({ name }) => name), passages };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A shell with a working directory that stays empty, whose own name for `sh` is itself. */
class Bench {
  private readonly directory: string;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    root: string,
    readonly shell: ShellOfMachine,
  ) {
    const own = join(root, shell.name);
    this.directory = join(own, "empty");
    const bin = join(own, "bin");
    mkdirSync(this.directory, { recursive: true });
    mkdirSync(bin);
    symlinkSync(shell.command[0], join(bin, "sh"));
    // Who is not root gets here what sudo would make of it, without a password.
    if (process.getuid?.() !== 0)
      writeFileSync(join(bin, "sudo"), '#!/bin/sh\nshift 4; exec "$@"\n', { mode: 0o755 });
    this.environment = {
      PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`,
      HOME: this.directory,
      LANG: "C.UTF-8",
    };
  }

  send(way: Way, values: readonly string[]): void {
    const out = this.output(way, values);
    if (!out.equals(printed(values))) throw this.failure(way, values);
    const made = readdirSync(this.directory);
    if (made.length > 0) throw new Error(`${this.shell.name}, ${way.name}: ${JSON.stringify(made)} was made`);
  }

  private output(way: Way, values: readonly string[]): Buffer {
    const [program, ...words] = this.shell.command;
    const { stdout, error } = spawnSync(program, words, {
      cwd: this.directory,
      env: this.environment,
      input: way.text(values),
      maxBuffer: 1 << 26,
      timeout: 60_000,
    });
    if (error) throw error;
    return way.printed(stdout);
  }

  /** Names the first value of a batch that does not come through alone either, as an argument or as input. */
  private failure(way: Way, values: readonly string[]): Error {
    const where = `${this.shell.name}, ${way.name}`;
    for (const value of values)
      for (const few of [[value], ["", value]]) {
        const out = this.output(way, few);
        if (!out.equals(printed(few)))
          return new Error(`${where}: ${JSON.stringify(few)} became ${JSON.stringify(out.toString())}`);
      }
    return new Error(`${where}: changed only all together: ${JSON.stringify(values)}`);
  }
}

const printed = (values: readonly string[]): Buffer =>
  Buffer.from(values.map((value) => `${value}\0`).join(""));
