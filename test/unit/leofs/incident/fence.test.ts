import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { examine } from "../../../../leofs/checks/check";
import { fenceChecks, fenceHostChecks, lookAtFence } from "../../../../leofs/checks/fenceChecks";
import { preparePlace } from "../../../../leofs/incident/backups/backupPlace";
import { entries } from "../../../../leofs/incident/entries";
import {
  disabledUnits,
  type Fence,
  fencedNodes,
  liftFence,
  PUT_UP,
  putUpFence,
} from "../../../../leofs/incident/fence";
import { readJournal } from "../../../../leofs/incident/journal";
import type { Host } from "../../../../remote/host";
import { BREAKS, BREAKS_LIMIT, breakEverywhere } from "../../support/crashing";
import { CONF, cleanUp, type FakeHome, fakeHome, managerAt, temporary } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

const host = new LocalHost();
cleanUp();

const ORIGINAL = '#!/bin/sh\necho "the real one: $*"\n';
const INCIDENT = "production-one";
/** A name that nothing else has: some tests here let a VM of it be seen by all of this machine, also by another run of this file. */
const LOST = `lost_${process.pid}`;

/** A lost manager's home and a survivor's, whose journal it is. */
interface World {
  roots: string[];
  lost: FakeHome;
  survivor: FakeHome;
  script: string;
}

async function world(): Promise<World> {
  const [lost, survivor] = [
    await fakeHome(LOST, CONF.replace("manager_0", LOST)),
    await fakeHome("manager_1"),
  ];
  const script = join(lost.manager.home, "bin/leo_manager");
  await writeFile(script, ORIGINAL);
  await chmod(script, 0o750);
  const { place } = await managerAt(host, survivor);
  await preparePlace(place, survivor.backups);
  return { roots: [...lost.roots, ...survivor.roots], lost, survivor, script };
}

const fenceOn = ({ lost }: World, on: Host = host, incident = INCIDENT): Fence => ({
  host: on,
  manager: lost.manager,
  as: undefined,
  incident,
});
const journalOn = async ({ survivor }: World, on: Host = host) =>
  readJournal((await managerAt(on, survivor)).place);
const putUp = async (it: World, on: Host = host, incident?: string) =>
  putUpFence(await journalOn(it, on), fenceOn(it, on, incident));
const lift = async (it: World, on: Host = host, incident?: string) =>
  liftFence(await journalOn(it, on), fenceOn(it, on, incident));
const recorded = async (it: World) => fencedNodes(await journalOn(it))[it.lost.manager.node];
const start = (script: string) => spawnSync(script, ["start"], { encoding: "utf8" });

/** All that a script is, besides the time its names changed. */
async function factsOf(file: string) {
  const { ino, mode, uid, gid, mtimeMs } = await lstat(file);
  return { ino, mode, uid, gid, mtimeMs, text: await readFile(file, "utf8") };
}

/** A process that the process table shows as the VM of a manager; ended by its id. */
async function withVm<T>(node: string, run: () => Promise<T>): Promise<T> {
  const idle = "process.stdout.write('up'); setInterval(() => {}, 60000)";
  const vm = spawn(process.execPath, ["-e", idle, "--", "-name", node], { argv0: "beam.smp" });
  const ended = new Promise((resolve) => vm.once("exit", resolve));
  try {
    await new Promise((resolve) => vm.stdout.once("data", resolve));
    return await run();
  } finally {
    vm.kill("SIGKILL");
    await ended;
  }
}

describe("a fence", () => {
  test("keeps the manager from starting, says by whom, since when and how it is lifted, and keeps the original", async () => {
    const it = await world();
    const before = await factsOf(it.script);
    expect(await putUp(it)).toContain(`${it.lost.manager.node} is fenced on local`);
    const { status, stdout, stderr } = start(it.script);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      /^lost_\d+@10\.0\.0\.11 is fenced by leofs-recovery for production-one, since 20\d\d-/,
    );
    expect(await factsOf(`${it.script}.fenced-by-${INCIDENT}`)).toEqual(before);
    expect(await recorded(it)).toMatchObject({ state: "up", host: "local", script: it.script });
    const byHand = stderr.trim().split("\n").at(-1)!;
    execFileSync("sh", ["-c", byHand]);
    expect(await factsOf(it.script)).toEqual(before);
    expect(start(it.script).stdout).toBe("the real one: start\n");
    expect(await lift(it)).toContain("was lifted before");
  });

  test("put up again is the same one", async () => {
    const it = await world();
    await putUp(it);
    const before = await factsOf(it.script);
    await putUp(it);
    expect(await factsOf(it.script)).toEqual(before);
  });

  test("lifted leaves the original, byte for byte, with mode, owner and time, and nothing else", async () => {
    const it = await world();
    const before = await factsOf(it.script);
    await putUp(it);
    expect(await lift(it)).toContain("is lifted: ");
    expect(await factsOf(it.script)).toEqual(before);
    expect(await readdir(join(it.script, ".."))).toEqual(["leo_manager"]);
    expect(await recorded(it)).toMatchObject({ state: "lifted" });
    expect(await lift(it)).toContain("was lifted before");
    await putUp(it);
    expect(await recorded(it)).toMatchObject({ state: "up" });
  });

  test("put up again does not forget which unit it had disabled, wherever it ends", async () => {
    const it = await world();
    await putUp(it);
    const unit = "leofs-manager-master.service";
    await entries.fence(it.lost.manager.node).finish(await journalOn(it), { ...(await recorded(it))!, unit });
    const ending: Host = Object.assign(new LocalHost(), {
      run: async (...call: Parameters<Host["run"]>) => {
        const [script] = call;
        if (typeof script !== "string" && script.name === "rest unit")
          throw new Error("the connection was lost");
        return host.run(...call);
      },
    });
    await expect(putUpFence(await journalOn(it), fenceOn(it, ending))).rejects.toThrow("was lost");
    expect(await recorded(it)).toMatchObject({ state: "up", unit });
  });

  test("lifted says which unit it leaves disabled, and nothing where there is none", async () => {
    const it = await world();
    await putUp(it);
    const journal = await journalOn(it);
    expect(disabledUnits(journal)).toEqual([]);
    const { node } = it.lost.manager;
    const unit = "leofs-manager-master.service";
    await entries.fence(node).finish(journal, { ...(await recorded(it))!, unit });
    await lift(it);
    expect(disabledUnits(await journalOn(it))).toEqual([
      expect.stringMatching(
        /^leofs-manager-master\.service on \S+ stays disabled.*: systemctl enable leofs-manager-master\.service$/,
      ),
    ]);
  });

  test("is a copy with mode and owner where a second name is not allowed", async () => {
    const it = await world();
    const before = await factsOf(it.script);
    const bin = await temporary();
    await writeFile(join(bin, "ln"), "#!/bin/sh\nexit 1\n");
    await chmod(join(bin, "ln"), 0o755);
    const on = new LocalHost("sh", { PATH: `${bin}:${process.env.PATH}` });
    await putUp(it, on);
    expect(start(it.script).status).toBe(1);
    await lift(it, on);
    expect({ ...(await factsOf(it.script)), ino: 0 }).toEqual({ ...before, ino: 0 });
  });

  test("works in a home with blanks and quotes in its path, also when it is lifted by hand", async () => {
    const it = await world();
    const odd = join(it.roots[0]!, "o'dd $(x) home");
    await rename(it.lost.manager.home, odd);
    it.lost.manager.home = odd;
    it.script = join(odd, "bin/leo_manager");
    await putUp(it);
    execFileSync("sh", ["-c", start(it.script).stderr.trim().split("\n").at(-1)!]);
    expect(await readFile(it.script, "utf8")).toBe(ORIGINAL);
    await putUp(it);
    await lift(it);
    expect(await readFile(it.script, "utf8")).toBe(ORIGINAL);
  });

  test("of another incident is named and left as it is", async () => {
    const it = await world();
    await putUp(it, host, "production-two");
    const before = await factsOf(it.script);
    await expect(putUp(it)).rejects.toThrow(
      /could not be fenced: .*is fenced for production-two.*Its control script is as it was/,
    );
    expect(await recorded(it)).toMatchObject({ state: "none" });
    await expect(lift(it)).rejects.toThrow(/is fenced for production-two, which is left as it is/);
    expect(await factsOf(it.script)).toEqual(before);
  });

  test("is not put up while the manager runs, nor left when it was started in that moment", async () => {
    const it = await world();
    const before = await factsOf(it.script);
    const { node } = it.lost.manager;
    await withVm(node, () =>
      expect(putUp(it)).rejects.toThrow(
        /is called lost, but it runs \(process \d+\).*get-buckets.*then stop it for good/,
      ),
    );
    expect(await recorded(it)).toBeUndefined();
    let ended: Promise<unknown> | undefined;
    let end = () => {};
    const racing: Host = {
      label: "local",
      clock: host.clock,
      spawn: host.spawn.bind(host),
      converse: host.converse.bind(host),
      dial: host.dial.bind(host),
      run: async (script, ...rest) => {
        const result = await host.run(script, ...rest);
        if (script === PUT_UP)
          await new Promise<void>((up) => {
            ended = withVm(node, () => {
              up();
              return new Promise<void>((resolve) => (end = resolve));
            });
          });
        return result;
      },
    };
    await expect(putUp(it, racing)).rejects.toThrow(/it runs/);
    end();
    await ended;
    expect(await factsOf(it.script)).toEqual(before);
    expect(await recorded(it)).toMatchObject({ state: "lifted" });
  });

  test("never over a name that is taken; a script that was installed meanwhile stays", async () => {
    const it = await world();
    const kept = `${it.script}.fenced-by-${INCIDENT}`;
    await writeFile(kept, "somebody's");
    await expect(putUp(it)).rejects.toThrow(/is there already and is not what/);
    expect(await readFile(it.script, "utf8")).toBe(ORIGINAL);
    await rm(kept);
    await putUp(it);
    await rm(it.script);
    await writeFile(it.script, "of a newer package");
    expect(await lift(it)).toContain("another");
    expect(await readFile(it.script, "utf8")).toBe("of a newer package");
    expect(await readFile(kept, "utf8")).toBe(ORIGINAL);
    await rm(it.script);
    expect(await lift(it)).toContain("is lifted");
    expect(await readFile(it.script, "utf8")).toBe(ORIGINAL);
  });

  /** At every moment the script is the original or the fence, and the original is never lost. */
  const eitherOr = (it: World) => async () => {
    const { status, stdout, stderr } = start(it.script);
    const isOriginal = status === 0 && stdout === "the real one: start\n";
    if (isOriginal) return;
    expect(status).toBe(1);
    expect(stderr).toContain("is fenced by leofs-recovery for production-one");
    expect(await readFile(`${it.script}.fenced-by-${INCIDENT}`, "utf8")).toBe(ORIGINAL);
  };

  test.each(BREAKS)(
    "put up and interrupted %s, at every place",
    async (how) => {
      const it = await world();
      const places = await breakEverywhere(
        how,
        it,
        (on) => putUp(it, on),
        eitherOr(it),
        async () => {
          expect(start(it.script).status).toBe(1);
          expect((await readdir(join(it.script, ".."))).sort()).toEqual([
            "leo_manager",
            `leo_manager.fenced-by-${INCIDENT}`,
          ]);
          expect(await recorded(it)).toMatchObject({ state: "up" });
          await lift(it);
          const { mode, text } = await factsOf(it.script);
          expect({ mode: mode & 0o777, text }).toEqual({ mode: 0o750, text: ORIGINAL });
        },
      );
      expect(places).toBeGreaterThanOrEqual(4);
    },
    BREAKS_LIMIT,
  );

  test.each(BREAKS)(
    "lifted and interrupted %s, at every place",
    async (how) => {
      const it = await world();
      await putUp(it);
      const places = await breakEverywhere(
        how,
        it,
        (on) => lift(it, on),
        eitherOr(it),
        async () => {
          const { mode, text } = await factsOf(it.script);
          expect({ mode: mode & 0o777, text }).toEqual({ mode: 0o750, text: ORIGINAL });
          expect(await readdir(join(it.script, ".."))).toEqual(["leo_manager"]);
          expect(await recorded(it)).toMatchObject({ state: "lifted" });
        },
      );
      expect(places).toBeGreaterThanOrEqual(3);
    },
    BREAKS_LIMIT,
  );
});

describe("a look at a lost manager that is to be fenced", () => {
  const found = async (it: World) =>
    examine(fenceChecks, { view: await lookAtFence(host, it.lost.manager), incident: INCIDENT }).map(
      ({ level, name, text }) => `${level} ${name}: ${text}`,
    );

  test("finds that it can be, before and after it was", async () => {
    const it = await world();
    expect(await found(it)).toEqual([]);
    await putUp(it);
    expect(await found(it)).toEqual([]);
  });

  test.each<[string, (it: World) => Promise<unknown>, RegExp]>([
    [
      "no script",
      ({ script }) => rm(script),
      /^refuse fenceHome: .*holds no bin\/leo_manager.*take fence out/,
    ],
    [
      "a link",
      async ({ script }) => {
        await rename(script, `${script}-real`);
        await symlink(`${script}-real`, script);
      },
      /^refuse fenceLink: .*is a symbolic link/,
    ],
    [
      "another manager's home",
      ({ lost }) => writeFile(lost.conf, "nodename = manager_7@10.0.0.17\n"),
      /^refuse fenceNode: .*is the home of manager_7@10\.0\.0\.17, not of lost_\d+@/,
    ],
    [
      "a fence of another incident",
      (it) => putUp(it, host, "other-two"),
      /^refuse fenceTaken: .*is fenced already, for other-two.*mv -f \S+\.fenced-by-other-two \S+leo_manager$/,
    ],
  ])("refuses %s", async (_, change, wanted) => {
    const it = await world();
    await change(it);
    expect(await found(it)).toEqual([expect.stringMatching(wanted)]);
  });

  test("refuses one that runs, and one whose bin nobody may change", async () => {
    const it = await world();
    await mkdir(join(it.lost.manager.home, "work"), { recursive: true });
    await withVm(it.lost.manager.node, async () => {
      expect(await found(it)).toEqual([expect.stringMatching(/^refuse lostRuns: .*it runs \(process \d+\)/)]);
    });
    const seen = await lookAtFence(host, it.lost.manager);
    const shared = { ...seen, beside: ["manager_5@10.0.0.5"] };
    for (const [moves, wanted] of [
      [false, /starts manager_5@10\.0\.0\.5 too .* Take fence out of the settings/],
      [true, /starts manager_5@10\.0\.0\.5 too .* must be fenced: give the others/],
    ] as const)
      expect(examine(fenceChecks, { view: shared, incident: INCIDENT, moves })).toMatchObject([
        { name: "fenceShared", text: expect.stringMatching(wanted) },
      ]);
    const view = { ...seen, closed: "sudo wants a password" };
    expect(examine(fenceChecks, { view, incident: INCIDENT })).toMatchObject([
      {
        level: "refuse",
        text: expect.stringMatching(/cannot be fenced: sudo wants a password\. Log in there as root/),
      },
    ]);
  });

  test("takes a host that cannot be reached for a hazard", () => {
    const unreachable = { node: "manager_0@x", label: "root@x:22", problem: "no route." };
    expect(examine(fenceHostChecks, unreachable)).toMatchObject([
      {
        level: "hazard",
        text: expect.stringMatching(/NOT REACHED: root@x:22: no route\): make sure that it stays off/),
      },
    ]);
  });
});
