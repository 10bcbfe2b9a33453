import { cp, mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { rowsOf } from "./support/clusterFacts";
import { rigForThisFile } from "./support/recoveryRig";
import { makeStubborn } from "./support/stubbornControl";

const rig = rigForThisFile({ storages: 1, gateways: 0 });

describe("a takeover whose replacement's host is put back from an image, the state kept", () => {
  it("is gone on with at the next up: what that host does not remember is done again", async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
    const before = await rowsOf(sandbox, "manager_1");
    const host = dirname(sandbox.manager("manager_2").backups);
    const image = join(sandbox.directory, "image");
    await cp(join(host, "leofs"), image, { recursive: true, verbatimSymlinks: true });
    await makeStubborn(sandbox, "manager_1");
    await rig.configure(takeoverSettings(sandbox.description, "lost"));
    expect((await rig.up()).error).toContain("did not start");

    await sandbox.stopManager("manager_2");
    for (const part of ["leofs", "backups"]) await rename(join(host, part), join(host, `${part}.before`));
    await cp(image, join(host, "leofs"), { recursive: true, verbatimSymlinks: true });
    await mkdir(join(host, "backups"));
    const resumed = await rig.up();
    expect(resumed.error).toBeUndefined();
    expect(resumed.outcome.verdict).toBe("recovered");
    expect(resumed.operations).toMatchObject({
      "production-replacement-files": "update",
      "production-replacement-partner": "update",
      "production-survivor-files": "same",
      "production-survivor-partner": "same",
    });
    const said = resumed.messages.map(({ message }) => message).join("\n");
    expect(said).toMatch(
      /NOT SO ANY MORE: \S+ does not remember what was done to manager_2@.*put back from an image/,
    );
    for (const name of ["manager_1", "manager_2"]) expect(await rowsOf(sandbox, name)).toEqual(before);
  });
});
