import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { START, startValues } from "../../../../leofs/manager/control";
import { lookAtManager } from "../../../../leofs/manager/hostManager";
import { FIND_PROCESSES } from "../../../../leofs/manager/processes";
import type { ManagerSpec } from "../../../../leofs/names";
import { type FakeHome, temporary } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { limited, standInManager } from "../../support/standInManager";

const standIn = standInManager();
let home: FakeHome;
let manager: ManagerSpec;
beforeEach(() => {
  ({ home, manager } = standIn);
});

describe("the process table", () => {
  test("shows this node's VM only: no other node, no command that mentions it", async () => {
    const host = new LocalHost();
    await host.run(START, limited(startValues(manager), 10));
    expect(await standIn.pids()).toHaveLength(1);
    for (const node of [manager.node.slice(0, -1), manager.node.replaceAll(".", "x")])
      expect((await host.run(FIND_PROCESSES, { node, home: manager.home })).stdout).toBe("");
  });

  /** A VM of that node in a root directory of its own, as in a container; as root only. */
  async function contained(commands: string): Promise<void> {
    const root = join(home.incident, "root");
    const within = `
      mount --make-rprivate / && mount -t tmpfs x "$1" && cd "$1" && mkdir -p usr "./$2"
      mount --rbind /usr usr && ln -s usr/bin usr/lib usr/lib64 . && ${commands}
      mkfifo fifo && exec chroot . bash -c 'exec -a "$1/erts-11.1.8/bin/beam.smp" bash -c "read -r -t 120 line <> /fifo" -- -root "$1" -name "$2"' - "$2" "$3"`;
    await mkdir(root);
    const args = ["-m", "sh", "-c", within, "-", root, manager.home, manager.node];
    const { pid } = spawn("unshare", args, { detached: true, stdio: "ignore" });
    await standIn.ended(pid);
    await vi.waitFor(
      () => expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toMatch(/^\/[^\0]*beam\.smp\0/),
      10_000,
    );
  }

  test.runIf(process.getuid?.() === 0)(
    "a VM of that name in a container on this host is another node",
    async () => {
      await contained("true");
      expect(await standIn.pids()).toEqual([]);
    },
  );

  test.runIf(process.getuid?.() === 0)("unless the container has this very home", async () => {
    await contained('mount --bind "$2" "./$2"');
    expect(await standIn.pids()).toHaveLength(1);
  });

  test("a supervisor above the VM is named, since it may start it again", async () => {
    const supervisor = join(await temporary(), "supervisord");
    await symlink(execFileSync("sh", ["-c", "command -v bash"], { encoding: "utf8" }).trim(), supervisor);
    const text =
      '(exec -a "$1/erts-1/bin/beam.smp" "$2" -e "setTimeout(() => {}, 120000)" -- -name "$3") & echo $! >> "$1/pids"; wait';
    const words = ["-c", text, "-", manager.home, process.execPath, manager.node];
    const { pid } = spawn(supervisor, words, { detached: true, stdio: "ignore" });
    await standIn.ended(pid);
    await vi.waitUntil(async () => (await standIn.pids()).length > 0, 10_000);
    const { facts } = await lookAtManager(new LocalHost(), home.manager, home.incident);
    expect(facts.supervisor).toEqual({ pid, name: "supervisord" });
  });

  test("a VM that runs from another home of this host counts, and the look says where from", async () => {
    const elsewhere = await temporary();
    await mkdir(join(elsewhere, "bin"));
    await writeFile(join(elsewhere, "bin/leo_manager"), "", { mode: 0o755 });
    await standIn.pretend(`${elsewhere}/erts-11.1.8/bin/beam.smp`, "-root", elsewhere, "-name", manager.node);
    expect(await standIn.pids()).toHaveLength(1);
    expect((await lookAtManager(new LocalHost(), home.manager, home.incident)).facts.runsFrom).toBe(
      elsewhere,
    );
  });
});
