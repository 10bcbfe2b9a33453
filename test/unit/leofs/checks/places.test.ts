import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { lookAtPlaces, type Places } from "../../../../leofs/checks/places";
import { managerOn } from "../../../../leofs/manager/hostManager";
import { commandLine } from "../../../../remote/quote";
import { call, type Script, script, type Values } from "../../../../remote/script";
import { parseSections, valuesOf } from "../../../../remote/sections";
import { LocalHost } from "../../support/localHost";
import { shells } from "../../support/shells";

describe("a look at a host", () => {
  async function home(
    node = "manager_0@10.0.0.11",
  ): Promise<{ home: string; look(host?: LocalHost): Promise<Places> }> {
    const root = await mkdtemp(join(tmpdir(), "leofs-recovery-places-"));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const path = join(root, "leo_manager_0");
    for (const folder of ["bin", "etc/leo_manager.d", "work/mnesia/127.0.0.1", "releases"])
      await mkdir(join(path, folder), { recursive: true });
    await writeFile(join(path, "etc/leo_manager.conf"), `nodename = ${node}\n`);
    const look = async (host = new LocalHost()) => {
      const manager = await managerOn(host, { node, home: path }, join(root, "b/one"));
      return lookAtPlaces({ ...manager, as: undefined }, join(root, "b"), "lost");
    };
    return { home: path, look };
  }

  test("sees what is there, and where what is missing would be made", async () => {
    const it = await home();
    const places = await it.look();
    expect(places.mnesia).toMatchObject({
      nearest: join(it.home, "work/mnesia/127.0.0.1"),
      writable: true,
      mountPoint: false,
      sticky: false,
    });
    expect(places.log).toMatchObject({ path: join(it.home, "log"), nearest: it.home });
    expect(places.pipes).toMatchObject({ path: `/tmp/${it.home}`, nearest: "/tmp", sticky: true });
    expect(places.backups).toMatchObject({ writable: true });
    expect(places.parent.freeKiB).toBeGreaterThan(0);
    expect(places).toMatchObject({ seesProcesses: true, unreadable: [], stray: [], confRefused: undefined });
  });

  test("sees whether the node's name leads to this host", async () => {
    const named = async (node: string) => (await home(node)).look().then(({ elsewhere }) => elsewhere);
    expect(await named("manager_0@127.0.0.2")).toBeUndefined();
    expect(await named("manager_0@localhost.localdomain")).toBeUndefined();
    // Kept for documents (RFC 5737): nobody has it. Without a network nothing is known of it.
    const routed = spawnSync("ip", ["route", "get", "192.0.2.7"]).status === 0;
    expect(await named("manager_0@192.0.2.7")).toBe(routed ? "192.0.2.7" : undefined);
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

  test.each(shells)(
    "names what lies in the Mnesia directory, and below, that no backup could hold, by $name",
    async ({ name, command: [program] }) => {
      const it = await home();
      const bin = join(it.home, "bin");
      if (name === "busybox") execFileSync(program, ["--install", "-s", bin]);
      else await symlink(program, join(bin, "sh"));
      const host = new LocalHost("sh", { PATH: `${bin}:${process.env.PATH}` });
      const folder = join(it.home, "work/mnesia/127.0.0.1");
      await mkdir(join(folder, "old"));
      await symlink("/nowhere", join(folder, "leo_s3_users.DCD"));
      execFileSync("mkfifo", [join(folder, "old/pipe")]);
      const names = ["line\nbreak", "old/back\\slash", "\u00e9t\u00e9.DCD", "fine name.DCD"];
      for (const file of names) await writeFile(join(folder, file), "");
      await writeFile(Buffer.from(`${folder}/m\xe4rz.DCD`, "latin1"), "");
      const places = await it.look(host);
      expect(places.odd.sort()).toEqual(["leo_s3_users.DCD", "old/pipe"]);
      expect(places.misnamed.sort()).toEqual(["line\x7fbreak", "m\ufffdrz.DCD", "old/back\\slash"]);
      expect(places.unreadable).toEqual([]);
    },
  );

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

  test.runIf(isRoot).each(shells)(
    "sees a disc that is not mounted where nothing lies, by $name",
    async ({ command }) => {
      const it = await home();
      const [work, fstab] = [join(it.home, "work"), join(it.home, "fstab")];
      await rm(work, { recursive: true });
      await symlink("/discs/one/work", work);
      await writeFile(
        fstab,
        "# /discs\nUUID=1 / ext4 defaults 0 1\nUUID=2 /discs/one/ ext4 defaults 0 2\nUUID=3 none swap sw 0 0\n",
      );
      const list = `. "$PWD/remote/scripts/lib.sh"; . "$PWD/leofs/manager/scripts/list-directory.sh"`;
      const told = (directory: string) =>
        inNamespace(
          `mount --bind '${fstab}' /etc/fstab && cd '${process.cwd()}' && exec ${command.join(" ")} -c '${list}' sh '${directory}'`,
        );
      expect(told(join(work, "mnesia"))).toContain("@= unmounted /discs/one\n");
      await writeFile(fstab, `UUID=2 ${it.home}/etc/disc ext4 defaults 0 2\n`);
      await symlink(it.home, `${it.home}-current`);
      expect(told(`${it.home}-current/etc/disc/mnesia`)).toContain(`@= unmounted ${it.home}/etc/disc\n`);
      expect(told(join(it.home, "etc/leo_manager.d"))).toContain("@= unmounted \n");
      expect(told(join(it.home, "etc"))).not.toContain("unmounted");
    },
  );

  test("sees a link on the way that leads nowhere: nothing can be made behind it", async () => {
    const it = await home();
    await symlink("/discs/gone", join(it.home, "log"));
    const { log } = await it.look();
    expect(log).toMatchObject({ writable: false, dangling: join(it.home, "log") });
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

  /** What a script prints to another user of this machine: root may read and write everything. */
  const asUser = (user: string, one: Script, values: Values, before = "true") => {
    const { script: text, args } = call(one, values);
    return inNamespace(
      `${before} && exec setpriv --reuid ${user} --regid ${user} --clear-groups ${commandLine(text, args)}`,
    );
  };

  test.runIf(isRoot)("sees that other users' processes are hidden from a user, not from root", () => {
    const see = script("leofs/checks/scripts/see-processes.sh");
    const hidden = "mount -t proc -o hidepid=2 proc /proc";
    expect(asUser("65534", see, {}, hidden)).not.toContain("@= seen");
    expect(asUser("0", see, {}, hidden)).toContain("@= seen yes");
  });

  test.runIf(isRoot)(
    "names the files that its user may not read, or write: three of these at most",
    async () => {
      const root = await mkdtemp(join(tmpdir(), "leofs-recovery-rights-"));
      onTestFinished(() => rm(root, { recursive: true, force: true }));
      await chmod(root, 0o755);
      const [mnesia, queue] = [join(root, "mnesia"), join(root, "queue of mine")];
      for (const folder of [mnesia, queue]) {
        await mkdir(folder, { mode: 0o777 });
        await chmod(folder, 0o777);
      }
      for (const name of ["a.DCD", "b.DCD", "c.DCD", "d.DCD"])
        await writeFile(join(mnesia, name), "", { mode: 0o644 });
      await writeFile(join(mnesia, "mine.DCD"), "");
      await chmod(join(mnesia, "mine.DCD"), 0o666);
      await chmod(join(mnesia, "b.DCD"), 0o600);
      await writeFile(join(queue, "LOCK"), "");
      await mkdir(join(mnesia, "old"));
      await writeFile(join(mnesia, "old/closed.DCD"), "", { mode: 0o600 });
      await mkdir(join(mnesia, "closed"), { mode: 0o700 });
      const values = {
        node: "nobody@10.0.0.99",
        home: root,
        etc: root,
        mnesia,
        backups: root,
        conf: join(root, "leo_manager.conf"),
        snmp: join(root, "snmp"),
        queue,
      };
      const seen = parseSections(asUser("65534", script("leofs/checks/scripts/look-at-places.sh"), values));
      expect(valuesOf(seen, "unreadable").sort()).toEqual(["b.DCD", "closed", "old/closed.DCD"]);
      expect(valuesOf(seen, "guarded")).toEqual(
        ["a.DCD", "b.DCD", "c.DCD"].map((name) => join(mnesia, name)),
      );
      expect(valuesOf(seen, "unwritable")).toEqual([join(queue, "LOCK")]);
      expect(valuesOf(seen, "stray")).toEqual([]);
    },
  );
});
