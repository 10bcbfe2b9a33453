import { expect } from "vitest";
import { takeoverSettings } from "../../../sandbox/stackSettings";
import type { RecoveryRig } from "./recoveryRig";
import { makeStubborn } from "./stubbornControl";

/**
 * A takeover of a lost master that ends when its survivor does not start.
 *
 * @returns its settings
 */
export async function endedTakeover(rig: RecoveryRig): Promise<Record<string, unknown>> {
  const { sandbox } = rig;
  await sandbox.lose("master");
  await sandbox.spare();
  await makeStubborn(sandbox, "manager_1");
  const settings = takeoverSettings(sandbox.description, "lost");
  await rig.configure(settings);
  expect((await rig.up()).error).toContain("did not start");
  return settings;
}
