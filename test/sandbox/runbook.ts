import { readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { parse, stringify } from "yaml";
import { lineText } from "../../leofs/planLine";
import { recoveryCheck } from "../../providers/recoveryCheck";
import { Session } from "../../providers/session/session";
import { managersOf } from "../../recovery/settings/cluster";
import { readClusters } from "../../recovery/settings/clusters";
import { command, type Outcome } from "../../sandbox/commands";
import { builtProgram } from "../support/builtProgram";
import { optionalProgram } from "../unit/support/optionalProgram";

/** A runbook that was written, to be run as a person would. */
export interface Runbook {
  run(...args: string[]): Promise<Outcome>;
  /** {@link run}; its stdout. Fails with all it said. */
  must(...args: string[]): Promise<string>;
  /** As if nothing had been done: takes its log and the backups of its incident away. */
  forget(): Promise<void>;
}

/** Writes the runbook of these settings, and holds it to shellcheck and to having no secret in it. */
export async function writeRunbook(
  desk: string,
  name: string,
  settings: Record<string, unknown>,
): Promise<Runbook> {
  const file = join(desk, `Pulumi.${name}-runbook.yaml`);
  writeFileSync(file, stringify({ config: { "leofs-recovery:clusters": { production: settings } } }));
  const out = join(desk, `${name}.sh`);
  const args = [await builtProgram(), "runbook", "--settings", file, "--out", out];
  const written = await command(process.execPath, args, { cwd: desk, timeoutMs: 60_000 });
  expect(written, written.stderr).toMatchObject({ code: 0 });
  const text = readFileSync(out, "utf8");
  expect(text).not.toMatch(/PRIVATE KEY|401321b4/);
  const shellcheck = optionalProgram("shellcheck", "shellcheck");
  if (shellcheck) {
    const checked = await command(shellcheck, ["--shell=sh", out], { timeoutMs: 60_000 });
    expect(checked, checked.stdout).toMatchObject({ code: 0 });
  }
  const run = (...words: string[]) => command("/bin/sh", [out, ...words], { cwd: desk, timeoutMs: 100_000 });
  return {
    run,
    must: async (...words) => {
      const said = await run(...words);
      expect(said, `${said.stdout}${said.stderr}`).toMatchObject({ code: 0 });
      return said.stdout;
    },
    forget: async () => {
      await rm(`${out}.log`, { force: true });
      const cluster = clusterIn(file);
      for (const { backupDirectory } of managersOf(cluster))
        await rm(join(backupDirectory, `${cluster.name}-${cluster.incident}-by-hand`), { recursive: true });
    },
  };
}

const clusterIn = (file: string) => {
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  return readClusters(config["leofs-recovery:clusters"])[0]!;
};

/** What `pulumi preview` would say of the settings in a stack file: the look of the provider itself, on the real hosts. */
export async function planOf(file: string): Promise<string> {
  const settings = clusterIn(file);
  const { name: cluster, incident, accept = [], takeover, inPlace } = settings;
  const managers = managersOf(settings);
  const recovery = takeover
    ? { kind: "takeover" as const, lost: takeover.lost }
    : { kind: "inPlace" as const, donor: inPlace!.donor };
  const { plan } = await recoveryCheck(new Session()).look(
    { cluster, incident, accept, managers, recovery },
    undefined,
  );
  expect(plan.length).toBeGreaterThan(2);
  return plan.map(lineText).join("\n");
}
