import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanUp, temporary } from "../../support/fakeHome";
import { type ShellOfMachine, shells } from "../../support/shells";

const LIBRARY = join(__dirname, "../../../../leofs/manager/scripts/install-lib.sh");

cleanUp();

/** What a function of the library prints. */
function printed({ command: [program, ...words] }: ShellOfMachine, call: string[], input = ""): string {
  const text = '. "$0"; "$@"';
  return execFileSync(program, [...words, "-c", text, LIBRARY, ...call], { input, encoding: "utf8" });
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
  ])("%j in an environment file is read as the control script reads it", async (line, value) => {
    const file = join(await temporary(), "leo_manager.environment");
    await writeFile(file, `RUNNER_USER=leofs\n${line}\nMAX_OPEN_FILES=1\n`);
    const found = printed(shell, ["assigned", "RUNNER_LOG_DIR", file, "/srv/l & s/leo_manager_0"]);
    expect(found.trimEnd()).toBe(value);
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
      printed(shell, ["unit_programs"], `${told.join("\n")}\n`)
        .trim()
        .split("\n"),
    ).toEqual([
      "leofs-manager-master.service/ /usr/local/leofs/current/leo_manager_0/bin/leo_manager",
      "leo_manager@1.service/second /srv/leo_manager_1/bin/leo_manager",
      "with-blanks.service/ /srv/of mine/leo_manager_0/bin/leo_manager",
    ]);
  });
});
