import { mkdtempSync, readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { lineText, type PlanLine } from "../../../leofs/planLine";
import type { RecoveryCheckInputs } from "../../../providers/check/recoveryCheckTypes";
import { recoveryCheck } from "../../../providers/entry";
import type { ManagerTarget } from "../../../providers/targets/arguments";
import { readClusters } from "../../../recovery/settings/clusters";
import { Sandbox, type SandboxOptions } from "../../../sandbox";
import { changesSince, pictureAtRest } from "./picture";

/** A sandbox for all tests of a file, ended after them whatever became of it. */
export function sandboxForFile(options: Partial<SandboxOptions> = {}): () => Sandbox {
  const directory = mkdtempSync(join(tmpdir(), "leofs-recovery-refusal-"));
  let sandbox: Sandbox | undefined;
  beforeAll(async () => {
    sandbox = await Sandbox.up({ fast: true, storages: 1, gateways: 1, ...options, directory });
  });
  afterAll(async () => {
    await Sandbox.down(directory);
    await rm(directory, { recursive: true, force: true });
  });
  return () => {
    if (!sandbox) throw new Error("the sandbox was not built");
    return sandbox;
  };
}

/** A manager of the sandbox in the form of the setting `clusters`. */
export function managerSettings(sandbox: Sandbox, name: string) {
  const { key, user } = sandbox.description;
  const { node, home, backups, address, sshPort, hostKey } = sandbox.manager(name);
  const connection = { host: address, port: sshPort, user, privateKeyFile: key, hostKey, dialErrorLimit: 2 };
  return { node, home, backupDirectory: backups, connection };
}

/** A manager as a provider gets it: through the settings, as a user would give it. */
export function targetOf(sandbox: Sandbox, name: string): ManagerTarget {
  const takeover = {
    lost: "manager_9@10.0.0.9",
    survivor: managerSettings(sandbox, name),
    replacement: { ...managerSettings(sandbox, name), node: "manager_8@10.0.0.8" },
  };
  return readClusters({ some: { incident: "some", takeover } })[0]!.takeover!.survivor;
}

/** What the check of a takeover in the sandbox is told. */
export const takeoverInputs = (
  sandbox: Sandbox,
  names: { lost: string; survivor: string; replacement: string },
): RecoveryCheckInputs => ({
  cluster: "production",
  incident: "to be named",
  recovery: { kind: "takeover", lost: sandbox.manager(names.lost).node },
  managers: [targetOf(sandbox, names.survivor), targetOf(sandbox, names.replacement)],
  accept: [],
});

/** What the check of an in-place recovery is told: managers by name, and which of them is the donor. */
export const inPlaceInputs = (
  sandbox: Sandbox,
  names: [string, string],
  donor: 0 | 1 | "auto",
): RecoveryCheckInputs => ({
  cluster: "production",
  incident: "to be named",
  recovery: { kind: "inPlace", donor },
  managers: [targetOf(sandbox, names[0]), targetOf(sandbox, names[1])],
  accept: [],
});

let incidents = 0;

/** The same with an incident of its own: looks for a plan are shared for some seconds within one incident. */
const withNewIncident = (inputs: RecoveryCheckInputs): RecoveryCheckInputs => {
  incidents += 1;
  return { ...inputs, incident: `incident-${incidents}` };
};

/** What `pulumi preview` would show of the first step. */
export async function planned(inputs: RecoveryCheckInputs): Promise<string> {
  const checked = await recoveryCheck.check({}, withNewIncident(inputs));
  expect(checked.failures).toEqual([]);
  return textOf(checked.inputs);
}

/** How a refusal has to look. */
export interface Expected {
  /** What the plan of the preview says; default: that it would be refused. */
  plan?: RegExp;
  /** Reason, evidence and way out, each to be found in the message. */
  says: readonly RegExp[];
}

/**
 * Runs the first step of a recovery as the engine would, preview and all, and sees it refused with one readable
 * message and nothing changed on any host. Returns the message.
 */
export async function expectRefusal(
  sandbox: Sandbox,
  inputs: RecoveryCheckInputs,
  { says, plan = /WOULD BE REFUSED/ }: Expected,
): Promise<string> {
  const before = await pictureAtRest(sandbox);
  const checked = await recoveryCheck.check({}, withNewIncident(inputs));
  expect(checked.failures).toEqual([]);
  expect(textOf(checked.inputs)).toMatch(plan);
  const error = await recoveryCheck.create(checked.inputs).then(
    () => new Error("it was not refused"),
    (reason: Error) => reason,
  );
  expect(await changesSince(sandbox, before)).toEqual([]);
  for (const pattern of says) expect(error.message).toMatch(pattern);
  expectReadable(sandbox, error.message);
  // With a stack the provider host would print it; with an id the engine would keep a half-made resource.
  expect(error.stack).toBe("");
  expect(error).not.toHaveProperty("id");
  return error.message;
}

/** One message for an operator: no stack trace, no internals, and none of the sandbox's secrets. */
export function expectReadable(sandbox: Sandbox, message: string): void {
  expect(message).not.toMatch(/\n\s+at \S+|\[object |undefined|NaN|node_modules|\.[jt]s:\d/);
  expectNoSecret(sandbox, message);
}

/** Neither the cluster's cookie nor the key that logs in to its hosts. */
export function expectNoSecret(sandbox: Sandbox, text: string): void {
  expect(text).not.toContain(sandbox.description.cookie);
  expect(text).not.toContain("PRIVATE KEY");
  expect(text).not.toContain(readFileSync(sandbox.description.key, "utf8").split("\n")[2]);
}

/**
 * Puts another file (undefined: nothing) in a file's or directory's place while `run` runs, and puts back what was
 * there, so that tests do not meet each other's obstacles.
 */
export async function withFile(
  path: string,
  text: string | undefined,
  run: () => Promise<unknown>,
): Promise<void> {
  const aside = `${path}.aside`;
  const was = await rename(path, aside).then(
    () => true,
    () => false,
  );
  try {
    if (text !== undefined) await writeFile(path, text);
    await run();
  } finally {
    await rm(path, { recursive: true, force: true });
    if (was) await rename(aside, path);
  }
}

/** The plan of a resource's inputs, as a person reads it. */
const textOf = (inputs: object): string => (inputs as { plan: PlanLine[] }).plan.map(lineText).join("\n");
