import { utils } from "ssh2";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { readClusters } from "../../../recovery/settings/clusters";
import { cleanUp, temporary } from "./fakeHome";

/** A secret that no message may show. */
export const CANARY = "canary-5ecret";
export const KEY = utils.generateKeyPairSync("ecdsa", { bits: 256 }).private;

export type Mapping = Record<string, unknown>;

/** A manager as it is written in the settings, by its number. */
export const manager = (index: number, more: Mapping = {}): Mapping => ({
  node: `manager_${index}@10.0.0.1${index}`,
  home: `/usr/local/leofs/current/leo_manager_${index % 2}`,
  connection: { host: `10.0.0.1${index}`, user: "leofs", privateKey: KEY },
  ...more,
});

/** A takeover as it is written in the settings. */
export const cluster = (more: Mapping = {}): Mapping => ({
  incident: "2026-11-22-manager-0-lost",
  backupDirectory: "/var/backups/leofs",
  takeover: { lost: "manager_0@10.0.0.10", survivor: manager(1), replacement: manager(2) },
  ...more,
});

/** Each problem that reading these settings names. */
export function problems(value: unknown): string[] {
  try {
    readClusters(value);
  } catch (error) {
    const { message, stack } = error as Error;
    expect(message).not.toContain(CANARY);
    // Frames would cost a person a minute: see where it is thrown.
    expect(stack).not.toMatch(/^ +at /m);
    const [head, ...lines] = message.split("\n  - ");
    expect(head).toBe("the settings cannot be used:");
    return lines;
  }
  return [];
}

/** Gives each test of the file an operator's home of its own, without an SSH agent. */
export function operatorsHome(): { readonly path: string } {
  const home = { path: "" };
  cleanUp();
  beforeEach(async () => {
    home.path = await temporary();
    vi.stubEnv("HOME", home.path);
    vi.stubEnv("SSH_AUTH_SOCK", undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  return home;
}
