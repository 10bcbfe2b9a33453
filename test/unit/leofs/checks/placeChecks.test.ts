import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type CheckList, examine } from "../../../../leofs/checks/check";
import { managerChecks } from "../../../../leofs/checks/managerChecks";
import { placeChecks } from "../../../../leofs/checks/placeChecks";
import { lookAtPlaces, type Places } from "../../../../leofs/checks/places";
import { replacedFindings } from "../../../../leofs/checks/replacedChecks";
import type { ManagerView } from "../../../../leofs/checks/view";
import { managerOn } from "../../../../leofs/manager/hostManager";
import { LocalHost } from "../../support/localHost";
import { shells } from "../../support/shells";
import { view } from "../../support/views";

const told = <View>(list: CheckList<View>, what: View) => examine(list, what).map(({ name }) => name);

describe("what stop, start and the backups need of a host", () => {
  test("nothing is amiss on a sound one", () => {
    expect(told(placeChecks, view())).toEqual([]);
  });

  test.each<[string, (one: ManagerView) => void, RegExp]>([
    [
      "processes",
      ({ places }) => {
        places.seesProcesses = false;
        places.login = "ops";
      },
      /ops does not see the processes of other users \(\/proc is mounted with hidepid\)/,
    ],
    [
      "mnesiaFiles",
      ({ places }) => places.unreadable.push("a.DCD", "b.DCD"),
      /cannot read a\.DCD, b\.DCD in/,
    ],
    [
      "mnesiaOddFiles",
      ({ mnesia }) => mnesia.files.push({ name: "leo_s3_users.DCD", bytes: 0, kind: "l" }),
      /leo_s3_users\.DCD in \S+ is no regular file/,
    ],
    [
      "mnesiaFallback",
      ({ mnesia }) => mnesia.files.push({ name: "FALLBACK.BUP", bytes: 9, kind: "f" }),
      /FALLBACK\.BUP is in \S+: at its next start Mnesia would put that backup in the place .*uninstall_fallback\(\[\{scope, local\}\]\)/,
    ],
    [
      "confDirectory",
      ({ places: { etc } }) => Object.assign(etc, { writable: false, owner: "root" }),
      /leofs may not replace files in \S+etc \(\S+etc belongs to root\)/,
    ],
    [
      "confDirectory",
      ({ places: { etc } }) => Object.assign(etc, { sticky: true, owner: "root" }),
      /may not replace files/,
    ],
    [
      "confDirectory",
      ({ places: { etc } }) => Object.assign(etc, { writable: false, readOnly: true }),
      /may not replace files .* The file system \(mounted on \/\) is mounted read-only, as Linux does it after an error of a disc/,
    ],
    ["confSpace", ({ places: { etc } }) => Object.assign(etc, { freeKiB: 12 }), /is full/],
    ["confSpace", ({ places: { etc } }) => Object.assign(etc, { freeFiles: 0 }), /is full/],
    [
      "confParse",
      ({ places }) => Object.assign(places, { confRefused: "Error generating" }),
      /LeoFS's own generator cannot read \S+leo_manager\.conf or a file of leo_manager\.d: Error generating\./,
    ],
    [
      "strayConf",
      ({ places }) => places.stray.push("/etc/old/app.1.config"),
      /\/etc\/old\/app\.1\.config in \S+etc looks/,
    ],
    [
      "logDirectory",
      ({ places: { log } }) => Object.assign(log, { writable: false, owner: "root" }),
      /leofs cannot write to \S+log .*belongs to root\): bin\/leo_manager start fails there/,
    ],
    [
      "logDirectory",
      ({ places: { log } }) => Object.assign(log, { freeFiles: 0 }),
      /the file system of \S+log \(mounted on \/\) is full: bin\/leo_manager start could not make its log there/,
    ],
    [
      "startFiles",
      ({ places }) => Object.assign(places, { unwritable: ["./work/queue/1/LOCK"] }),
      /leofs cannot write to \.\/work\/queue\/1\/LOCK, .*\(chown -R leofs\)/,
    ],
    [
      "startFiles",
      ({ places }) => Object.assign(places, { unwritable: ["/l/log/erlang.log.2"] }),
      /leofs cannot write to \/l\/log\/erlang\.log\.2/,
    ],
    [
      "pipeDirectory",
      ({ places: { pipes } }) =>
        Object.assign(pipes, { writable: false, nearest: "/tmp/usr", owner: "root" }),
      /give it to leofs \(chown -R leofs \/tmp\/usr\)/,
    ],
    [
      "pipeDirectory",
      ({ places: { pipes } }) => Object.assign(pipes, { writable: false, nearest: "/tmp", owner: "root" }),
      /Let every user write to \/tmp \(mode 1777\)/,
    ],
  ])("%s", (name, change, text) => {
    const found = examine(placeChecks, view({}, change));
    expect(found).toMatchObject([{ name, level: "refuse", acceptable: false }]);
    expect(found[0]!.text).toMatch(text);
  });

  test("quotas are a hazard to everyone but root, once for a file system", () => {
    const limited = (user: string) =>
      view({}, ({ places }) => {
        Object.assign(places, { user });
        for (const one of [places.parent, places.backups]) Object.assign(one, { quota: true, disk: "/data" });
      });
    expect(examine(placeChecks, limited("leofs"))).toMatchObject([
      { name: "quota", level: "hazard", text: expect.stringContaining("mounted on /data has quotas") },
    ]);
    expect(told(placeChecks, limited("root"))).toEqual([]);
  });

  test("a manager that systemd runs has no pipes and no log of a console", () => {
    const served = view({}, ({ places, manager }) => {
      places.unwritable = ["/l/log/erlang.log.2"];
      places.pipes.writable = false;
      manager.facts.unit = {
        name: "leofs-manager-master.service",
        active: true,
        starts: true,
        mine: true,
        systemctl: "/bin/systemctl",
      };
    });
    expect(told(placeChecks, served)).toEqual([]);
  });
});

test("who logs in must be allowed to stop and start the unit of a manager that belongs to systemd", () => {
  const unit = {
    name: "leofs-manager-slave.service",
    active: false,
    starts: true,
    mine: false,
    systemctl: "/bin/systemctl",
  };
  const closed = view({}, ({ manager }) => {
    manager.facts.unit = unit;
  });
  expect(examine(placeChecks, closed)).toMatchObject([
    {
      name: "unit",
      level: "refuse",
      text: expect.stringContaining("NOPASSWD: /bin/systemctl start leofs-manager-slave.service"),
    },
  ]);
  const terminal = view({}, ({ manager }) => {
    manager.facts.unit = { ...unit, said: "sudo: sorry, you must have a tty to run sudo" };
  });
  expect(examine(placeChecks, terminal)[0]!.text).toMatch(
    /says so \(sudo: sorry, you must have a tty to run sudo\)\. .* Defaults:leofs !requiretty/,
  );
  const unused = view({}, ({ manager }) => {
    manager.facts.unit = { ...unit, starts: false };
  });
  expect(told(placeChecks, unused)).toEqual([]);
});

describe("what replacing a Mnesia directory needs", () => {
  const files = [{ name: "leo_s3_users.DCD", bytes: 10 * 1024 * 1024, kind: "f" as const }];
  const good = view({ files });
  const found = (change: (one: ManagerView) => void) => replacedFindings(good, [view({ files: [] }, change)]);

  test("a directory that can be renamed, and room for the tables", () => {
    expect(found(() => undefined)).toEqual([]);
  });

  test.each<[string, Partial<Places["mnesia"]>, Partial<Places["parent"]>, RegExp]>([
    ["mnesiaMount", { mountPoint: true }, {}, /is a mount point, so it cannot be moved aside/],
    [
      "mnesiaParent",
      {},
      { writable: false, owner: "root" },
      /leofs may not rename \S+mnesia: .* belongs to root/,
    ],
    ["mnesiaParent", { owner: "root" }, { sticky: true, owner: "root" }, /may not rename/],
    ["mnesiaSpace", {}, { freeKiB: 24_575 }, /has 24575 KiB free, 24576 KiB are needed for the new tables\./],
    [
      "mnesiaSpace",
      {},
      { freeKiB: 49_151, disk: "/backups" },
      /49152 KiB are needed for the new tables and the b/,
    ],
    ["mnesiaFileCount", {}, { freeFiles: 65 }, /can take 65 more files \(inodes\), 66 are needed/],
  ])("%s", (name, mnesia, parent, text) => {
    const seen = found(({ places }) => {
      Object.assign(places.mnesia, mnesia);
      Object.assign(places.parent, parent);
    });
    expect(seen).toMatchObject([{ name, level: "refuse", acceptable: false }]);
    expect(seen[0]!.text).toMatch(text);
  });

  test("a directory that somebody made unchangeable", () => {
    expect(found(({ places }) => Object.assign(places, { mnesiaFixed: true }))).toMatchObject([
      { name: "mnesiaFixed", level: "refuse", text: expect.stringContaining("chattr -i -a") },
    ]);
  });

  test("room beside the backups to dump the new rows and sort them: those of the other manager, twice", () => {
    const wanted = 2 * 10 * 1024 + 4096;
    const withFree = (freeKiB: number) => found(({ places }) => Object.assign(places.backups, { freeKiB }));
    expect(withFree(wanted)).toEqual([]);
    expect(withFree(wanted - 1)).toMatchObject([
      { name: "compareSpace", level: "refuse", acceptable: false },
    ]);
    expect(withFree(wanted - 1)[0]!.text).toMatch(
      /24575 KiB free, 24576 KiB are needed there to compare the new rows of \S+: they are dumped there/,
    );
    // It does not even hold its own backups: that is said instead.
    expect(withFree(4095)).toEqual([]);
  });

  test("a sticky directory is no hindrance to the owner of the Mnesia directory", () => {
    expect(found(({ places }) => Object.assign(places.parent, { sticky: true, owner: "root" }))).toEqual([]);
  });

  test.each(["clear", "restore"])("nothing is needed once it is done (%s)", (step) => {
    const full = (one: ManagerView) => {
      one.places.parent.freeKiB = 0;
      one.journal.done.set(`${step}.${one.manager.spec.node}`, {});
    };
    expect(found(full)).toEqual([]);
  });
});

describe("the Mnesia directory of the conf", () => {
  const differs = (running: string, conf: string, change: (one: ManagerView) => void = () => undefined) =>
    examine(
      managerChecks,
      view({ conf }, (one) => {
        one.manager.facts.conf.main = conf;
        one.evidence!.directory = running;
        change(one);
      }),
    ).map(({ name, text }) => `${name}: ${text}`);

  test.each([
    ["is the one it runs with", "/leofs/leo_manager_0/work/mnesia", "mnesia.dir = ./work/mnesia/"],
    ["is that of the default", "/leofs/leo_manager_0/work/mnesia/127.0.0.1", ""],
  ])("%s", (_, running, conf) => {
    expect(differs(running, conf)).toEqual([]);
  });

  test("is the same however it is written", () => {
    expect(differs("/data/mnesia/m0", "mnesia.dir = /data//mnesia/./m0/")).toEqual([]);
  });

  test("is the same when the home is reached by a link", () => {
    const through = ({ places }: ManagerView) => Object.assign(places, { home: "/opt/1.4.2/leo_manager_0" });
    expect(differs("/opt/1.4.2/leo_manager_0/m", "mnesia.dir = m", through)).toEqual([]);
  });

  test("was edited since the manager was started: refused, with both", () => {
    expect(differs("/data/old", "mnesia.dir = /data/new")).toEqual([
      expect.stringMatching(
        /^mnesiaDirectory: .* runs with the Mnesia directory \/data\/old, but its next start would use \/data\/new: mnesia\.dir in \S+leo_manager\.conf line 1 was changed since\. Set mnesia\.dir back to \/data\/old/,
      ),
    ]);
  });

  test("was edited since a manager that is down was started", () => {
    const stopped = view({ state: "down", conf: "mnesia.dir = /data/new" }, ({ manager }) => {
      manager.settings.generated.mnesiaDir = "/data/old";
    });
    expect(told(managerChecks, stopped)).toEqual(["mnesiaDirectory"]);
  });
});

describe("a look at a host", () => {
  async function home(): Promise<{ home: string; look(): Promise<Places> }> {
    const root = await mkdtemp(join(tmpdir(), "leofs-recovery-places-"));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const path = join(root, "leo_manager_0");
    for (const folder of ["bin", "etc/leo_manager.d", "work/mnesia/127.0.0.1", "releases"])
      await mkdir(join(path, folder), { recursive: true });
    await writeFile(join(path, "etc/leo_manager.conf"), "nodename = manager_0@10.0.0.11\n");
    const look = async () => {
      const host = new LocalHost();
      const manager = await managerOn(host, { node: "manager_0@10.0.0.11", home: path }, join(root, "b/one"));
      return lookAtPlaces({ ...manager, as: undefined }, join(root, "b"));
    };
    return { home: path, look };
  }

  test("sees what is there, and where what is missing would be made", async () => {
    const it = await home();
    const places = await it.look();
    expect(places.mnesia).toMatchObject({ exists: true, writable: true, mountPoint: false, sticky: false });
    expect(places.log).toMatchObject({ path: join(it.home, "log"), exists: false, nearest: it.home });
    expect(places.pipes).toMatchObject({ path: `/tmp/${it.home}`, nearest: "/tmp", sticky: true });
    expect(places.backups).toMatchObject({ exists: false, writable: true });
    expect(places.parent.freeKiB).toBeGreaterThan(0);
    expect(places).toMatchObject({ seesProcesses: true, unreadable: [], stray: [], confRefused: undefined });
  });

  test("finds the log directory that the environment names, quoted or exported, the last one", async () => {
    const it = await home();
    await writeFile(
      join(it.home, "etc/leo_manager.environment"),
      `RUNNER_LOG_DIR=/nowhere\nexport RUNNER_LOG_DIR="/var/log/leofs of mine"\n`,
    );
    expect((await it.look()).log.path).toBe("/var/log/leofs of mine");
  });

  test("finds what LeoFS would take for its generated configuration, in etc and below", async () => {
    const it = await home();
    const old = join(it.home, "etc", "old");
    await mkdir(old);
    for (const file of [join(old, "app.2026.config"), join(old, "vm.1.args"), join(old, "vm.args")])
      await writeFile(file, "");
    // Removed before each start.
    await writeFile(join(it.home, "etc", "app.2026.config"), "");
    const kept = join(it.home, "etc", "old.vm.1.args");
    await writeFile(kept, "");
    expect((await it.look()).stray.sort()).toEqual([
      kept,
      join(old, "app.2026.config"),
      join(old, "vm.1.args"),
    ]);
  });

  test("follows no link to a Mnesia directory, and says so", async () => {
    const it = await home();
    const folder = join(it.home, "work/mnesia/127.0.0.1");
    await rm(folder, { recursive: true });
    await symlink("/tmp", folder);
    expect((await it.look()).mnesia).toMatchObject({ link: true });
  });

  /** A generator that does what a text says: stands for LeoFS's own, called as LeoFS calls it. */
  async function generator(path: string, body: string): Promise<void> {
    await writeFile(join(path, "releases/start_erl.data"), "8.3 1\n");
    await writeFile(join(path, "etc/leo_manager.schema"), "");
    await writeFile(join(path, "bin/cuttlefish"), `#!/bin/sh\necho "$@" > ${path}/called\n${body}\n`);
    await chmod(join(path, "bin/cuttlefish"), 0o755);
  }

  test("asks LeoFS's generator, with every file of leo_manager.d, and leaves nothing", async () => {
    const it = await home();
    await writeFile(join(it.home, "etc/leo_manager.d/20-a.conf"), "");
    // LeoFS gives it these too, and what it says of them is what counts.
    await mkdir(join(it.home, "etc/leo_manager.d/30-b.conf"));
    await symlink("/nowhere", join(it.home, "etc/leo_manager.d/40-c.conf"));
    await generator(it.home, 'for d; do :; done; echo x > "$d/app.1.config"; echo x > "$d/vm.1.args"');
    const scratch = await mkdtemp(join(tmpdir(), "leofs-scratch-"));
    vi.stubEnv("TMPDIR", scratch);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(scratch, { recursive: true, force: true });
    });
    expect((await it.look()).confRefused).toBeUndefined();
    const stdout = await readFile(join(it.home, "called"), "utf8");
    expect(stdout).toMatch(
      /^-i \S+etc\/leo_manager\.schema -c \S+leo_manager\.conf -c \S+20-a\.conf -c \S+30-b\.conf -c \S+40-c\.conf -d \S+\n$/,
    );
    expect(stdout).toContain(`-d ${scratch}/`);
    expect(await readdir(scratch)).toEqual([]);
  });

  test("says what the generator says when it writes nothing, whatever it exits with", async () => {
    const it = await home();
    await generator(it.home, "echo 'Error generating configuration in phase transform_datatypes'; exit 0");
    expect((await it.look()).confRefused).toBe("Error generating configuration in phase transform_datatypes");
  });

  const isRoot = process.getuid?.() === 0;
  const inNamespace = (script: string) =>
    execFileSync("unshare", ["-m", "--propagation", "private", "sh", "-c", script], { encoding: "utf8" });

  test.runIf(isRoot)("blames no conf where the generator has no room to write", async () => {
    const it = await home();
    await generator(it.home, 'for d; do :; done; cp "$0" "$d/app.1.config" && cp "$0" "$d/vm.1.args"');
    const full = await mkdtemp(join(tmpdir(), "leofs-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", full]);
    vi.stubEnv("TMPDIR", full);
    try {
      spawnSync("dd", ["if=/dev/zero", `of=${full}/x`]);
      expect((await it.look()).confRefused).toBeUndefined();
    } finally {
      vi.unstubAllEnvs();
      execFileSync("umount", [full]);
      await rm(full, { recursive: true });
    }
  });

  test.runIf(isRoot)("sees a mount point, and a file system that is full or read-only", async () => {
    const it = await home();
    const folder = join(it.home, "work/mnesia/127.0.0.1");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,nr_inodes=20", "tmpfs", folder]);
    try {
      const { mnesia, parent } = await it.look();
      expect(mnesia).toMatchObject({ mountPoint: true, disk: folder, freeKiB: 64, freeFiles: 19 });
      expect(parent.mountPoint).toBe(false);
      execFileSync("mount", ["-o", "remount,ro", folder]);
      expect((await it.look()).mnesia).toMatchObject({ writable: false, readOnly: true, inMemory: true });
      expect(parent).toMatchObject({ writable: true, readOnly: false });
    } finally {
      execFileSync("umount", [folder]);
    }
  });

  test.runIf(isRoot).each(shells)("tells two mounts of one device apart by $name", async ({ command }) => {
    const root = await mkdtemp(join(tmpdir(), "leofs-recovery-mounts-"));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const [fixed, mine] = [join(root, "fixed"), join(root, "of mine")];
    for (const folder of [fixed, mine]) await mkdir(folder);
    const look = `value() { echo "$1=$2"; }; . "$PWD/leofs/manager/scripts/place-lib.sh"; place fixed "$0"; place mine "$1"`;
    const told = inNamespace(
      `mount --bind '${fixed}' '${fixed}'; mount -o remount,bind,ro '${fixed}'; mount --bind '${mine}' '${mine}'
      cd '${process.cwd()}'; exec ${command.join(" ")} -c '${look}' '${fixed}' '${mine}/new'`,
    ).split("\n");
    expect(told).toContain("fixed.readonly=yes");
    expect(told).toContain("mine.writable=yes");
    expect(told).toContainEqual(expect.stringMatching(/^mine\.disk=\d+ \S+\/of mine$/));
  });

  test.runIf(isRoot)("sees a conf that nobody may change, behind a link too", async ({ skip }) => {
    const it = await home();
    const conf = join(it.home, "etc/leo_manager.conf");
    const kept = join(it.home, "kept.conf");
    await rename(conf, kept);
    await symlink(kept, conf);
    expect((await it.look()).confFixed).toBeUndefined();
    if (spawnSync("chattr", ["+i", kept]).status !== 0) skip("this file system has no such flag");
    try {
      expect((await it.look()).confFixed).toBe(kept);
    } finally {
      execFileSync("chattr", ["-i", kept]);
    }
  });

  test.runIf(isRoot)("sees that other users' processes are hidden from a user, not from root", async () => {
    const host = new LocalHost();
    const { stdout } = await host.run("cat leofs/checks/scripts/see-processes.sh remote/scripts/lib.sh");
    const library = stdout.match(/^value\(\).*$/m)![0];
    const text = `${library}\n${stdout.slice(0, stdout.indexOf("exit 0"))}`;
    const as = (user: string) =>
      inNamespace(
        `mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid ${user} --regid ${user} --clear-groups sh -c '${text.replaceAll("'", "'\\''")}'`,
      );
    expect(as("65534")).not.toContain("@= seen");
    expect(as("0")).toContain("@= seen yes");
  });
});
