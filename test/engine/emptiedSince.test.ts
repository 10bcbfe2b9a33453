import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eventually } from "../../sandbox/commands";
import { inPlaceSettings } from "../../sandbox/stackSettings";
import { type Ran, rigForThisFile } from "./support/recoveryRig";

/** A recovery that was proven is no reason to start what lost its tables since: two empty managers form a pair without a user. */
const rig = rigForThisFile({ storages: 1, gateways: 0 });

const warnings = ({ messages }: Ran): string =>
  messages.flatMap(({ severity, message }) => (severity === "warning" ? [message] : [])).join("\n");

/** Kills a manager and empties its Mnesia directory. */
async function empty(role: "master" | "slave"): Promise<void> {
  const name = await rig.sandbox.damage(role);
  const above = join(rig.sandbox.manager(name).home, "work", "mnesia");
  for (const directory of await readdir(above))
    for (const file of await readdir(join(above, directory)))
      await rm(join(above, directory, file), { recursive: true });
}

it("once proven, two managers that were emptied since are neither started nor called recovered", async () => {
  const sandbox = await rig.begin();
  const settings = inPlaceSettings(sandbox.description, "proven", "slave");
  await sandbox.damage("slave");
  await rig.configure(settings);
  expect((await rig.up()).outcome.verdict).toBe("recovered");

  await empty("slave");
  await empty("master");
  const lost = /NOT SO ANY MORE: manager_0@\S+ is down, and its Mnesia files are damaged .*new incident/;
  expect(warnings(await rig.preview())).toMatch(lost);
  const kept = await rig.up();
  expect(warnings(kept)).toMatch(lost);
  expect(kept.operations["production-registration"]).toBe("same");
  expect(warnings(await rig.refresh())).toMatch(lost);
  await rig.forgetStack();
  await rig.configure(settings);
  const { plan } = await rig.preview();
  expect(plan.join(" ").replaceAll(/\s+/g, " ")).toMatch(/WOULD BE REFUSED: manager_\d@\S+ is down, and its/);
  expect((await rig.up()).error).toMatch(/nothing was started or told: manager_\d@\S+ is down/);
  for (const name of ["manager_0", "manager_1"]) expect(await sandbox.serves(name)).toBe(false);

  // By hand they form a pair: equal to each other, and every user is gone.
  const names = ["manager_0", "manager_1"];
  for (const name of names) await sandbox.startManager(name);
  await eventually("a new pair", 60_000, async () =>
    (await Promise.all(names.map((name) => sandbox.serves(name)))).every(Boolean) ? true : undefined,
  );
  const others = /manager_0@\S+ has other tables than when the recovery was proven.*new incident/;
  expect(warnings(await rig.preview())).toMatch(others);
  expect((await rig.up()).error).toMatch(others);
});
