import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanUp, temporary } from "../../support/fakeHome";
import { type ShellOfMachine, shells } from "../../support/shells";

/** Programs of a host, ahead of this machine's own: names and the bodies of their scripts. */
async function programs(bodies: Record<string, string>): Promise<string> {
  const directory = await temporary();
  await mkdir(directory, { recursive: true });
  for (const [name, body] of Object.entries(bodies)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(directory, name), 0o755);
  }
  return `${directory}:${process.env.PATH}`;
}

const LIBRARY = join(__dirname, "../../../../leofs/manager/scripts/install-lib.sh");

cleanUp();

/** What a function of the library prints. */
function printed(
  { command: [program, ...words] }: ShellOfMachine,
  call: string[],
  { input = "", PATH = process.env.PATH }: { input?: string; PATH?: string | undefined } = {},
): string {
  const text = '. "$0"; "$@"';
  const env = { ...process.env, PATH, LC_ALL: "C.UTF-8" };
  return execFileSync(program, [...words, "-c", text, LIBRARY, ...call], { input, env, encoding: "utf8" });
}

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

  test("a unit of any name is found by what it runs, in whatever way", () => {
    const told = [
      "Id=leofs-manager-master.service",
      "Environment=NODE_EXTRA_NAME=",
      "ExecStart={ path=/usr/local/leofs/current/leo_manager_0/bin/leo_manager ; argv[]=/usr/local/leofs/current/leo_manager_0/bin/leo_manager foreground_start ; ignore_errors=no }",
      "",
      "ExecStart={ path=/bin/sh ; argv[]=/bin/sh -c exec /srv/leo_manager_1/bin/leo_manager foreground_start ; ignore_errors=no }",
      "Environment=A=b NODE_EXTRA_NAME=second C=d",
      "Id=leo_manager@1.service",
      "",
      "Id=with-blanks.service",
      "Environment=",
      "ExecStart={ path=/srv/of mine/leo_manager_0/bin/leo_manager ; argv[]=/srv/of mine/leo_manager_0/bin/leo_manager start ; ignore_errors=no }",
      "",
      "Id=leofs-dump.service",
      "Environment=",
      "ExecStart={ path=/usr/local/leofs/current/leo_manager_0/bin/leo_manager ; argv[]=/usr/local/leofs/current/leo_manager_0/bin/leo_manager dump-mnesia-data /backup/start ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }",
      "",
      "ExecStart={ path=/bin/sh ; argv[]=/bin/sh -c while sleep 9; do /srv/leo_manager_1/bin/leo_manager ping || systemctl start leofs; done ; ignore_errors=no ; start_time=[n/a] }",
      "Id=leofs-watch.service",
      "",
      "Id=ssh.service",
      "ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D ; ignore_errors=no }",
    ];
    expect(
      printed(shell, ["unit_programs"], { input: `${told.join("\n")}\n` })
        .trim()
        .split("\n"),
    ).toEqual([
      "leofs-manager-master.service/ /usr/local/leofs/current/leo_manager_0/bin/leo_manager",
      "leo_manager@1.service/second /srv/leo_manager_1/bin/leo_manager",
      "with-blanks.service/ /srv/of mine/leo_manager_0/bin/leo_manager",
    ]);
  });

  test.each([
    ["active", false],
    ["activating", false],
    ["deactivating", false],
    ["inactive", true],
    ["failed", true],
    // What the systemd of CentOS 7 says of a unit that is stopped and not enabled.
    ["unknown", true],
  ])("a unit that is %s rests: %s", async (state, rests) => {
    const PATH = await programs({ systemctl: `echo ${state}` });
    const told = printed(shell, ["eval", "if at_rest x.service; then echo true; else echo false; fi"], {
      PATH,
    });
    expect(told.trim()).toBe(String(rests));
  });

  test.each([
    ["with its suffix", "leofs-manager-slave.service", "leofs-manager-slave.service"],
    ["without it", "leofs-manager-slave", "leofs-manager-slave"],
    ["not at all", "another", ""],
  ])("a unit that sudo lets a user stop %s", async (_, allowed, word) => {
    const PATH = await programs({ sudo: `[ "$*" = "-n -l systemctl stop ${allowed}" ]` });
    const told = printed(
      shell,
      ["eval", "id() { echo 1000; }; word_for stop leofs-manager-slave.service || :"],
      { PATH },
    );
    expect(told.trim()).toBe(word);
  });
});
