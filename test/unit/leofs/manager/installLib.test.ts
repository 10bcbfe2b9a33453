import { execFileSync } from "node:child_process";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanUp, temporary } from "../../support/fakeHome";
import { printedWith } from "../../support/shellLibrary";
import { shells } from "../../support/shells";

const LIBRARY = join(__dirname, "../../../../leofs/manager/scripts/install-lib.sh");
const printed = printedWith("install-lib");

cleanUp();

describe.each(shells)("in $name", (shell) => {
  test.each([
    ["RUNNER_LOG_DIR=/var/log/leofs", "/var/log/leofs"],
    ["  export RUNNER_LOG_DIR=/a # where it goes", "/a"],
    ["RUNNER_LOG_DIR=/a#1;", "/a#1"],
    ['RUNNER_LOG_DIR="/logs of mine" # x', "/logs of mine"],
    ["RUNNER_LOG_DIR='/logs of mine'", "/logs of mine"],
    ["RUNNER_LOG_DIR=/a\nRUNNER_LOG_DIR=/b", "/b"],
    ["RUNNER_LOG_DIR=$RUNNER_BASE_DIR/log", "/srv/l & s/leo_manager_0/log"],
    ["RUNNER_LOG_DIR=$" + "{RUNNER_BASE_DIR}/log", "/srv/l & s/leo_manager_0/log"],
    ["RUNNER_LOG_DIR=/var/log/`hostname`", ""],
    ["RUNNER_LOG_DIR=/var/log/$USER", ""],
    ["#RUNNER_LOG_DIR=/a", ""],
    ["RUNNER_LOG_DIR=", ""],
    ["RUNNER_LOG_DIR=/a # f\xfcr", "/a"],
  ])("%j in an environment file is read as the control script reads it", async (line, value) => {
    const file = join(await temporary(), "leo_manager.environment");
    await writeFile(file, `RUNNER_USER=leofs\n${line}\nMAX_OPEN_FILES=1\n`, "latin1");
    const found = printed(shell, ["assigned", "RUNNER_LOG_DIR", file, "/srv/l & s/leo_manager_0"]);
    expect(found.trimEnd()).toBe(value);
  });

  test.each([
    ["", "RUNNER_USER=leo.fs\n"],
    ["", "RUNNER_USER=first\nRUNNER_USER=last\n"],
    ["", "export RUNNER_USER='storage'\n"],
    ["", 'RUNNER_USER="leofs"\nRUNNER_USER=\n'],
    ["", "  RUNNER_USER=in-set\n#RUNNER_USER=comment\n"],
    ["", "NOTHING=here\n"],
    ["GLOBAL_CONFIG=no\nRUNNER_USER=of-the-machine", "NOTHING=here\n"],
    ["RUNNER_USER=of-the-machine", "RUNNER_USER=its-own\n"],
  ])("RUNNER_USER of %j and %j is whom a shell that reads both finds", async (machine, own) => {
    const directory = await temporary();
    const [first, second, library] = ["leofs.conf", "own", "lib.sh"].map((name) => join(directory, name));
    await writeFile(first!, machine);
    await writeFile(second!, own);
    await writeFile(library!, (await readFile(LIBRARY, "utf8")).replaceAll("/etc/leofs/leofs.conf", first!));
    const found = execFileSync(
      "sh",
      ["-c", '. "$1"; . "$2"; printf %s "$RUNNER_USER"', "sh", first!, second!],
      {
        encoding: "utf8",
        env: { PATH: process.env.PATH },
      },
    );
    const told = printed(shell, ["eval", `. '${library}'; assigned RUNNER_USER '${second}' /h`]);
    expect(told.trim()).toBe(found);
  });

  test.each([
    ["leo_manager.conf", "nodename = manager_5@10.0.0.5\n"],
    ["leo_manager.conf", "nodename=manager_5@10.0.0.5\r\nconsole.port.cui = 10012\r\n"],
    ["leo_manager.d/10-name.conf", "\tnodename = manager_5@10.0.0.5\n"],
  ])("a second manager of one installation is known by the name in its %s", async (file, text) => {
    const machine = await temporary();
    const second = join(machine, "leo_manager_0_second");
    await mkdir(join(second, "leo_manager.d"), { recursive: true });
    await writeFile(join(machine, "leofs.conf"), "GLOBAL_CONFIG=yes\n");
    await writeFile(join(second, file), text);
    const library = join(machine, "lib.sh");
    await writeFile(library, (await readFile(LIBRARY, "utf8")).replaceAll("/etc/leofs", machine));
    const etcOf = (node: string) =>
      printed(shell, ["eval", `. '${library}'; etc_of /srv/leo_manager_0 ${node}`]).trim();
    expect(etcOf("manager_5@10.0.0.5")).toBe(second);
    expect(etcOf("manager_0@10.0.0.1")).toBe(join(machine, "leo_manager_0"));
  });

  test("the other managers of one installation are those whose confs lie beside, and nobody's without them", async () => {
    const machine = await temporary();
    const library = join(machine, "lib.sh");
    await writeFile(library, (await readFile(LIBRARY, "utf8")).replaceAll("/etc/leofs", machine));
    const beside = (etc: string) =>
      printed(shell, ["eval", `. '${library}'; beside_of /srv/leo_manager_0 '${machine}/${etc}'`]).trim();
    for (const [name, node] of [
      ["leo_manager_0", "manager_0@10.0.0.1"],
      ["leo_manager_0_second", "manager_5@10.0.0.5\r"],
      ["leo_manager_1", "manager_1@10.0.0.2"],
    ] as const) {
      await mkdir(join(machine, name));
      await writeFile(join(machine, name, "leo_manager.conf"), `# of old\nnodename = ${node}\n`);
    }
    expect(beside("leo_manager_0")).toBe("");
    await writeFile(join(machine, "leofs.conf"), "GLOBAL_CONFIG=yes\n");
    expect(beside("leo_manager_0")).toBe("manager_5@10.0.0.5");
    expect(beside("leo_manager_0_second")).toBe("manager_0@10.0.0.1");
    await rename(
      join(machine, "leo_manager_0_second/leo_manager.conf"),
      join(machine, "leo_manager_1/moved"),
    );
    await mkdir(join(machine, "leo_manager_0_second/leo_manager.d"));
    const named = join(machine, "leo_manager_0_second/leo_manager.d/10-name.conf");
    await writeFile(named, "nodename = manager_6@10.0.0.6");
    expect(beside("leo_manager_0")).toBe("manager_6@10.0.0.6");
  });
});
