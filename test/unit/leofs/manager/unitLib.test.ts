import { spawnSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanUp, temporary } from "../../support/fakeHome";
import { printedWith } from "../../support/shellLibrary";
import { shells } from "../../support/shells";

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

const printed = printedWith("lib", "install-lib", "unit-lib");

cleanUp();

/** A package's homes, both with a control script, reached through `current`. */
async function installation(): Promise<{ root: string; home: string }> {
  const root = await temporary();
  for (const name of ["leo_manager_0", "leo_manager_1"]) {
    await mkdir(join(root, "1.4.4", name, "bin"), { recursive: true });
    await writeFile(join(root, "1.4.4", name, "bin/leo_manager"), "");
  }
  await symlink("1.4.4", join(root, "current"));
  return { root, home: join(root, "1.4.4/leo_manager_0") };
}

describe.each(shells)("in $name", (shell) => {
  test.runIf(process.getuid?.() === 0)(
    "the first process of a container counts as the supervisor of what it started, and of nothing that was left to it",
    async () => {
      const library = join(__dirname, "../../../../leofs/manager/scripts/lib.sh");
      const look = `${shell.command.join(" ")} -c '. ${library}; echo "$1 $(supervisor_of "$2")"' sh`;
      const left = `sleep 60 & ${look} left "$!"`;
      const PATH = await programs({
        supervisord: `sleep 60 & ${look} own "$!"; run_erl; sshd`,
        init: `sleep 60 & ${look} own "$!"`,
        run_erl: left,
        sshd: left,
      });
      const first = (name: string) =>
        spawnSync("unshare", ["--pid", "--fork", "--mount-proc", join(PATH.split(":")[0]!, name)], {
          env: { ...process.env, PATH },
          encoding: "utf8",
        }).stdout;
      expect(first("supervisord")).toBe("own 1 supervisord\nleft \nleft \n");
      expect(first("init")).toBe("own \n");
    },
  );

  test("what cron, monit or init start by themselves is found, and whom else they start is not", async () => {
    const { root, home } = await installation();
    const script = join(root, "watch-it");
    const other = join(root, "current/leo_manager_1/bin/leo_manager");
    const own = join(root, "current/leo_manager_0/bin/leo_manager");
    await writeFile(script, `#!/bin/sh\npgrep -f manager_0 || ${own} start\n`);
    const files = {
      "etc/crontab": "17 * * * * root run-parts /etc/cron.hourly\n",
      "etc/cron.d/direct": `* * * * * leofs ${own} ping || ${own} start\n`,
      "etc/cron.d/by-script": `*/5 * * * * root ${script} >/dev/null\n`,
      "etc/cron.d/asks": `* * * * * leofs ${own} ping\n`,
      "etc/cron.d/off": `# * * * * * leofs ${own} start\n#* * * * * ${script}\n`,
      "etc/cron.d/others": `* * * * * leofs ${other} start\n`,
      "etc/cron.d/reboot": `@reboot leofs ${own} start\n`,
      "etc/monit.d/leofs": `check process leofs matching x\n  start program = "${own} start"\n`,
      "var/spool/cron/crontabs/leofs": `* * * * * ${own} start\n`,
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(root, "at", name, ".."), { recursive: true });
      await writeFile(join(root, "at", name), text);
    }
    const found = printed(shell, ["watchers", home, join(root, "at")])
      .split("\n")
      .filter(Boolean);
    expect(found.map((file) => file.slice(join(root, "at").length + 1))).toEqual([
      "etc/cron.d/by-script",
      "etc/cron.d/direct",
      "etc/monit.d/leofs",
      "var/spool/cron/crontabs/leofs",
    ]);
    expect(printed(shell, ["watchers", home, join(root, "nothing")])).toBe("");
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

  test("a masked unit is found by the file that its mask hides", async () => {
    const { root, home } = await installation();
    const units = join(root, "units");
    await mkdir(units);
    for (const n of [0, 1])
      await writeFile(
        join(units, `${n}.service`),
        `[Service]\nEnvironment=NODE_EXTRA_NAME=\nExecStart=${root}/current/leo_manager_${n}/bin/leo_manager foreground_start\n`,
      );
    const PATH = await programs({
      systemctl: "echo 1.service masked; echo gone.service masked; echo 0.service masked",
    });
    const told = printed(shell, ["masked_units", home, join(home, "etc"), units], { PATH });
    expect(told.trim()).toBe("0.service");
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

  test.each([
    [0, "an absolute path", "exec ROOT/current/leo_manager_0/bin/leo_manager foreground_start"],
    [0, "a directory that it goes to first", "cd ROOT/current/leo_manager_0 && exec bin/leo_manager console"],
    [0, "two parts", "BASE=ROOT/current\n$BASE/leo_manager_0/bin/leo_manager start"],
    [
      0,
      "a variable for the script",
      'S=ROOT/1.4.4/leo_manager_0/bin/leo_manager\nexec "$S" foreground_start',
    ],
    [0, "quotes", "'ROOT/current/leo_manager_0/bin/leo_manager' console"],
    [0, "another user", 'su leofs -s /bin/sh -c "ROOT/current/leo_manager_0/bin/leo_manager start"'],
    [
      0,
      "a script of init.d",
      "D=ROOT/current/leo_manager_0/bin/leo_manager\n$D ping\n$D stop\nleo_manager start",
    ],
    [1, "the other manager", "exec ROOT/current/leo_manager_1/bin/leo_manager foreground_start"],
    [1, "a dump", "ROOT/current/leo_manager_0/bin/leo_manager dump-mnesia-data /backup"],
    [1, "a remark only", "# ROOT/current/leo_manager_0/bin/leo_manager start\ntrue"],
    [1, "a ping", "ROOT/current/leo_manager_0/bin/leo_manager ping || mail root"],
    [2, "a watchman", "H=ROOT/current/leo_manager_0/bin/leo_manager\nleo_manager ping || leo_manager start"],
    [
      2,
      "all nodes of a host",
      "cd ROOT/current; leo_storage/bin/leo_storage start; leo_manager_0/bin/leo_manager start",
    ],
    [2, "a place that is not told", 'cd "$(cat /etc/where)" && exec bin/leo_manager console'],
  ])("%i for words that start a manager by %s", async (code, _, words) => {
    const { root, home } = await installation();
    const told = printed(shell, ["eval", `start_manager '${home}' && echo 0 || echo $?`], {
      input: words.replaceAll("ROOT", root),
    });
    expect(Number(told.trim().split("\n").at(-1))).toBe(code);
  });

  test("a unit is found through the script that it runs, and that of another node is not", async () => {
    const { root, home } = await installation();
    const wrapper = async (name: string, text: string) => {
      const file = join(root, name);
      await writeFile(file, `#!/bin/sh\n${text}\n`);
      return file;
    };
    const mine = await wrapper("mine", `cd ${root}/current/leo_manager_0 && exec bin/leo_manager console`);
    const other = await wrapper("other", `exec ${root}/current/leo_manager_1/bin/leo_manager console`);
    const started = (words: string) =>
      `ExecStart={ path=${words.split(" ")[0]} ; argv[]=${words} ; ignore_errors=no ; start_time=[n/a] }`;
    const units: Record<string, string> = {
      "mine.service": `${started(mine)}\nEnvironment=`,
      "by-env.service": `${started("/bin/sh -c cd $H && exec bin/leo_manager console")}\nEnvironmentFiles=${await wrapper("env", `H=${home}`)} (ignore_errors=no)`,
      "by-directory.service": `${started("/bin/sh -c bin/leo_manager foreground_start")}\nWorkingDirectory=${home}`,
      "other.service": started(other),
      "unclear.service": started("/bin/sh -c exec bin/leo_manager console"),
      "ssh.service": started("/bin/sh -D"),
    };
    const bodies = Object.entries(units).map(
      ([name, text]) => `${name}) echo Id=${name}; cat <<'END'\n${text}\nEND\n;;`,
    );
    const PATH = await programs({
      systemctl: `case $1 in
        list-unit-files) printf '%s enabled\\n' ${Object.keys(units).join(" ")} ;;
        show) for one; do case $one in ${bodies.join("\n")}\nesac; case $one in *.service) echo ;; esac; done ;;
      esac`,
    });
    const told = printed(shell, ["units_of", home, `${home}/etc`, "manager_0@10.0.0.1"], { PATH });
    expect(told.trim().split("\n").sort()).toEqual([
      "? unclear.service",
      "by-directory.service",
      "by-env.service",
      "mine.service",
    ]);
  });
});
