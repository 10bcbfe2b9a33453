import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { preparePlace } from "../../../../leofs/incident/backups/backupPlace";
import { readJournal } from "../../../../leofs/incident/journal";
import { partnerFile } from "../../../../leofs/manager/settings";
import { changePartner, currentPartner, plannedChange } from "../../../../leofs/pair/partner";
import { returnConf } from "../../../../leofs/pair/rollback/returnConf";
import type { Host } from "../../../../remote/host";
import { BREAKS, BREAKS_LIMIT, breakEverywhere } from "../../support/crashing";
import { CONF, cleanUp, type FakeHome, fakeHome, managerAt } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { canSquash, STRANGER, squashedHost } from "../../support/squashed";

const NEW = "manager_2@10.0.0.13";
const AFTER = CONF.replace("manager_1@10.0.0.12", NEW);
const host = new LocalHost();

cleanUp();

async function change(home: FakeHome, on: Host = host, partner = NEW) {
  const manager = await managerAt(on, home);
  await preparePlace(manager.place, home.backups);
  return changePartner(manager, await readJournal(manager.place), partner);
}
const keptOf = (home: FakeHome) => join(home.incident, `leo_manager.conf.${home.manager.node}`);

describe("changing the partner", () => {
  test("changes one value; the original is kept, and what was done is told", async () => {
    const home = await fakeHome();
    const result = await change(home);
    expect(await readFile(home.conf, "utf8")).toBe(AFTER);
    expect(await readFile(keptOf(home), "utf8")).toBe(CONF);
    expect(result).toEqual({
      observed: NEW,
      file: home.conf,
      change: `--- ${home.conf}\n+++ ${home.conf}\n@@ -4 +4 @@\n-manager.partner = manager_1@10.0.0.12\n+manager.partner = ${NEW}`,
      original: keptOf(home),
      evidence: [`${home.conf} names ${NEW}; read back by LeoFS's rules`],
    });
    expect(await readdir(join(home.manager.home, "etc"))).toEqual(["leo_manager.conf"]);
    expect((await lstat(keptOf(home))).mode & 0o777).toBe(0o600);
  });

  test("again changes nothing and tells the same", async () => {
    const home = await fakeHome();
    const first = await change(home);
    const before = await lstat(home.conf);
    const again = await change(home);
    expect(again).toEqual({ ...first, evidence: [`${home.conf} names ${NEW}`] });
    expect((await lstat(home.conf)).ino).toBe(before.ino);
  });

  test("a change that was made and not noted is noted by the next run, from what was kept", async () => {
    const home = await fakeHome();
    const first = await change(home);
    await rm(join(home.incident, "journal"), { recursive: true });
    const again = await change(home);
    expect(again).toEqual({ ...first, evidence: [`${home.conf} names ${NEW}`] });
  });

  test("keeps every other byte, whatever its encoding, and mode and owner", async () => {
    const odd = Buffer.concat([
      Buffer.from("## na\u00efve \u20ac\r\n", "utf8"),
      Buffer.from([0x23, 0xe9, 0xff, 0x80, 0x0d, 0x0a]),
      Buffer.from("manager.partner = a@b\t\r\nnodename = manager_0@10.0.0.11"),
    ]);
    const home = await fakeHome("manager_0", odd);
    await chmod(home.conf, 0o640);
    const owner = await lstat(home.conf);
    await change(home);
    const wanted = Buffer.from(odd.toString("latin1").replace("a@b", NEW), "latin1");
    expect((await readFile(home.conf)).equals(wanted)).toBe(true);
    expect((await readFile(keptOf(home))).equals(odd)).toBe(true);
    const { mode, uid, gid } = await lstat(home.conf);
    expect([mode & 0o777, uid, gid]).toEqual([0o640, owner.uid, owner.gid]);
  });

  test.skipIf(!canSquash)("keeps the original where a copy cannot keep its owner and ACLs", async () => {
    const home = await fakeHome();
    await chown(home.conf, STRANGER, STRANGER);
    await change(home, squashedHost(home.roots[0]));
    expect(await readFile(home.conf, "utf8")).toBe(AFTER);
    expect(await readFile(keptOf(home), "utf8")).toBe(CONF);
  });

  test("adds the line when there is none, and never touches the first original again", async () => {
    const home = await fakeHome("manager_0", "nodename = manager_0@10.0.0.11\n");
    await change(home);
    expect(await readFile(home.conf, "utf8")).toBe(
      `nodename = manager_0@10.0.0.11\nmanager.partner = ${NEW}\n`,
    );
    await writeFile(home.conf, "nodename = manager_0@10.0.0.11\nmanager.partner = x@y\n");
    await change(home);
    expect(await readFile(keptOf(home), "utf8")).toBe("nodename = manager_0@10.0.0.11\n");
  });

  test.each<[string, string, RegExp]>([
    ["a line LeoFS cannot parse", `${CONF}nonsense\n`, /line 6 has no `=`.*Nothing was changed/s],
    [
      "its own name as the partner",
      CONF.replace("manager_0@10.0.0.11", NEW),
      /is this manager's own node name/,
    ],
  ])("is refused for %s, before anything is written", async (_, conf, text) => {
    const home = await fakeHome("manager_0", conf);
    await expect(change(home)).rejects.toThrow(text);
    expect(await readFile(home.conf, "utf8")).toBe(conf);
    expect(await readdir(home.incident)).toEqual([]);
  });

  test("changes the file of leo_manager.d that beats the conf, one line of it, and keeps that file", async () => {
    const home = await fakeHome();
    const override = join(home.manager.home, "etc/leo_manager.d/20-partner.conf");
    await mkdir(join(home.manager.home, "etc/leo_manager.d"));
    await writeFile(override, "# Ansible managed\nmanager.partner = x@y\nprocess_limit = 1\n");
    const result = await change(home);
    expect(result.file).toBe(override);
    expect(await readFile(override, "utf8")).toBe(
      `# Ansible managed\nmanager.partner = ${NEW}\nprocess_limit = 1\n`,
    );
    expect(await readFile(home.conf, "utf8")).toBe(CONF);
    expect(await readFile(result.original, "utf8")).toContain("manager.partner = x@y");
    await returnConf(await managerAt(host, home));
    expect(await readFile(override, "utf8")).toContain("manager.partner = x@y");
  });

  test("is refused without a conf; behind a symbolic link the file itself is changed, the link stays", async () => {
    const home = await fakeHome();
    await rename(home.conf, `${home.conf}.real`);
    await expect(change(home)).rejects.toThrow(/leo_manager\.conf is not there; install/);
    await symlink(`${home.conf}.real`, home.conf);
    await change(home);
    expect((await lstat(home.conf)).isSymbolicLink()).toBe(true);
    expect(await readFile(`${home.conf}.real`, "utf8")).toContain(`manager.partner = ${NEW}`);
  });

  test("looking changes nothing", async () => {
    const home = await fakeHome();
    const manager = await managerAt(host, home);
    expect(currentPartner(manager)).toBe("manager_1@10.0.0.12");
    expect(plannedChange(partnerFile(manager), NEW)).toMatchObject({
      after: `manager.partner = ${NEW}`,
      line: 4,
    });
    expect(await readFile(home.conf, "utf8")).toBe(CONF);
  });

  test.each(BREAKS)(
    "interrupted %s, at every place: the conf is the old or the new one, and goes on",
    async (how) => {
      const home = await fakeHome();
      const places = await breakEverywhere(
        how,
        home,
        (on) => change(home, on),
        async () => {
          expect([CONF, AFTER]).toContain(await readFile(home.conf, "utf8"));
        },
        async () => {
          expect(await readFile(home.conf, "utf8")).toBe(AFTER);
          expect(await readFile(keptOf(home), "utf8")).toBe(CONF);
          expect(await readdir(join(home.manager.home, "etc"))).toEqual(["leo_manager.conf"]);
        },
      );
      expect(places).toBeGreaterThanOrEqual(4);
    },
    BREAKS_LIMIT,
  );
});
