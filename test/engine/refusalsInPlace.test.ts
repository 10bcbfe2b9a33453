import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../sandbox/commands";
import { expectRefusal, inPlaceInputs, planned, sandboxForFile, takeoverInputs } from "./support/refusalRig";

// A slave that has to wait for a master goes on waiting while it is looked at, and no node's calls fill its log.
const sandbox = sandboxForFile({ storages: 0, gateways: 0, timers: { SANDBOX_TABLE_WAIT_MS: 120_000 } });
const [MASTER, SLAVE] = ["manager_0", "manager_1"] as const;

/** `[damaged, donor]`, as the settings name them. */
const donorIs = (donor: string) =>
  inPlaceInputs(sandbox(), donor === MASTER ? [SLAVE, MASTER] : [MASTER, SLAVE], 1);

describe("an in-place recovery is refused before any change", () => {
  it("when nothing is damaged: both managers serve", async () => {
    const message = await expectRefusal(sandbox(), donorIs(SLAVE), {
      says: [
        /^the in-place recovery of production is refused, nothing was changed on any host:\n/,
        /manager_0@\S+ serves every table together with manager_1@\S+: it is not damaged/,
        /If its files on disc are, stop it first \(\S+\/bin\/leo_manager stop\)/,
      ],
    });
    expect(message.split("\n")).toHaveLength(2);
    await expectRefusal(sandbox(), inPlaceInputs(sandbox(), [MASTER, SLAVE], "auto"), {
      says: [/both managers serve every table: neither looks damaged\. Nothing was changed/],
    });
  });

  describe("after the slave was down while users were written", () => {
    beforeAll(async () => {
      await sandbox().writeWhileDown({ stopped: "slave" });
    });

    it("with the slave as donor, whose files are older than what the master serves", async () => {
      await expectRefusal(sandbox(), donorIs(SLAVE), {
        says: [
          /manager_0@\S+ serves every table and manager_1@\S+ does not/,
          /The donor named in the settings, manager_1@\S+, has older data: newer rows would silently be gone/,
          /Name manager_0@\S+ as the donor/,
          /accept: \[donorStale\]/,
        ],
      });
    });

    it("with the slave as donor, also when both are down: their files say who stopped last", async () => {
      await sandbox().stopManager(MASTER);
      await expectRefusal(sandbox(), donorIs(SLAVE), {
        says: [
          /manager_0@\S+ stopped last/,
          /has older data/,
          /Name manager_0@\S+ as the donor, or start it/,
        ],
      });
    });

    it("but chooses the master itself when it may", async () => {
      const plan = await planned(inPlaceInputs(sandbox(), [SLAVE, MASTER], "auto"));
      expect(plan).toMatch(/in-place recovery, incident \S+: manager_0@\S+ stopped last/);
      expect(plan).not.toMatch(/REFUSED/);
    });

    it("with a donor whose own files are damaged", async () => {
      await sandbox().damage("master");
      await expectRefusal(sandbox(), donorIs(MASTER), {
        says: [/the donor manager_0@\S+ is not sound: /, /accept: \[donorFiles\]/],
      });
    });

    it("and so is a takeover whose survivor waits for what only the lost manager had", async () => {
      await sandbox().lose("master");
      const replacement = await sandbox().spare();
      await sandbox().startManager(SLAVE);
      await eventually("the slave waiting for its tables", 20_000, async () =>
        (
          await sandbox()
            .console(SLAVE, "status")
            .catch(() => "")
        ).includes("no_exists")
          ? true
          : undefined,
      );
      await expectRefusal(
        sandbox(),
        takeoverInputs(sandbox(), { lost: MASTER, survivor: SLAVE, replacement }),
        {
          says: [
            /the survivor manager_1@\S+ waits for its partner to load 22 tables/,
            /was stopped before it and does not have the newest data: the cluster must not continue from it/,
          ],
        },
      );
    });
  });
});
