#!/usr/bin/env node
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CleanUp } from "./cleanUp";
import { type DemoOptions, help, UsageError, understand } from "./demo/arguments";
import { EngineFailure } from "./demo/engineRun";
import { Screen } from "./demo/screen";
import { showKept } from "./demo/show";
import { type Happened, type Places, tell } from "./demo/story";

/** Makes the demo's directory. Throws when something is in it: what the demo ends, it removes. */
async function prepare(given: string | undefined): Promise<string> {
  if (given === undefined) return mkdtempSync(join(tmpdir(), "leofs-demo-"));
  const directory = resolve(given);
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new UsageError(
      `${directory} is not empty, and the demo removes what it ends. If a kept demo is in it, end that first: ` +
        `npm run sandbox -- down --directory ${join(directory, "cluster")} && rm -r ${directory}`,
    );
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Runs the demo. Returns the exit code. */
async function demo(options: DemoOptions): Promise<number> {
  const screen = new Screen();
  const { recovery, side, adm, fast } = options;
  const directory = await prepare(options.directory);
  const places: Places = { cluster: join(directory, "cluster"), stack: join(directory, "stack") };
  const happened: Happened = {
    ...{ recovery, side, adm, realTimers: !fast, recovered: false },
    ...{ runs: {}, problems: [], timings: {} },
  };
  const cleanUp = new CleanUp([places.cluster], [directory], (line) => screen.plain(`\n${line}`));
  let kept = false;
  try {
    const what =
      recovery === "takeover" ? `takeover of a lost ${side}` : `in-place recovery of a damaged ${side}`;
    screen.plain(`leofs-recovery demo: ${what}, on a throw-away cluster of this machine`, "title");
    await cleanUp.guard(tell(options, places, screen, cleanUp, happened));
    happened.recovered = happened.problems.length === 0;
    kept = options.keep;
    if (kept) showKept(screen, directory, places);
  } catch (error) {
    if (cleanUp.signal.aborted) return await new Promise<never>(() => {});
    happened.problems.push((error as Error).message);
    const what = error instanceof EngineFailure ? "pulumi stopped:" : "the demo stopped:";
    screen.plain(`\n${what}\n${(error as Error).message}`, "bad");
  }
  if (!kept) await cleanUp.end();
  cleanUp.release();
  if (options.json !== undefined)
    await writeFile(options.json, `${JSON.stringify(happened, undefined, 2)}\n`);
  const left = kept ? "" : " The cluster was ended and its files removed.";
  const { outcome } = happened;
  if (happened.recovered)
    screen.plain(`\nRECOVERED, nothing lost; outage ${outcome?.outageSeconds} s.${left}`, "good");
  else screen.plain(`\nNOT RECOVERED, for the reason above.${left}`, "bad");
  return happened.recovered ? 0 : 1;
}

async function main(): Promise<void> {
  try {
    const options = understand(process.argv.slice(2));
    if (options === "help") console.log(help);
    else process.exitCode = await demo(options);
  } catch (error) {
    console.error(`demo: ${(error as Error).message}`);
    if (error instanceof UsageError) console.error('"npm run demo -- --help" lists everything.');
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

void main();
