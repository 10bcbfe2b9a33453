import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { sudoers } from "../../sandbox/package/units";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { rigForThisFile } from "./support/recoveryRig";
import { managerSettings } from "./support/refusalRig";

const one = { layout: "package", storages: 1, gateways: 0, users: 1, buckets: 0 } as const;
const unitOf = (role: string) => `leofs-manager-${role}.service`;

/** Everything on one screen line, as the plan wraps it. */
const flat = (plan: readonly string[]) => plan.join(" ").replaceAll(/ +/g, " ");

describe("as root, with the conf in effect in /etc/leofs", () => {
  const rig = rigForThisFile({ ...one, globalConfig: true });
  const partnerIn = async (manager: string) =>
    /^manager\.partner = (.*)$/m.exec(
      await readFile(join(rig.sandbox.manager(manager).etc, "leo_manager.conf"), "utf8"),
    )?.[1];

  it("takes over the master: the file in effect is found, told and edited, the package's own is left alone", async () => {
    const sandbox = await rig.begin();
    await sandbox.lose("master");
    await sandbox.spare();
    const { node } = sandbox.manager("manager_2");
    const shipped = join(sandbox.manager("manager_1").home, "etc", "leo_manager.conf");
    // Of before the switch to GLOBAL_CONFIG: this very node, with what was right then.
    const effective = await readFile(join(sandbox.manager("manager_1").etc, "leo_manager.conf"), "utf8");
    const before = effective
      .replace(/^manager\.partner = .*$/m, "manager.partner = manager_9@127.0.0.1")
      .replace(/^mnesia\.dir = .*$/m, "mnesia.dir = /srv/mnesia-of-old");
    await writeFile(shipped, before);
    await rig.configure(takeoverSettings(sandbox.description, "master-lost"));
    expect(flat((await rig.preview()).plan)).toContain(
      "change one line of /etc/leofs/leo_manager_1/leo_manager.conf on ",
    );
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect(await partnerIn("manager_1")).toBe(node);
    expect(await readFile(shipped, "utf8")).toBe(before);
    expect(ran.outcome.nextSteps.join("\n")).toContain(
      `if Ansible or the like writes /etc/leofs/leo_manager_1/leo_manager.conf: set manager.partner = ${node} there`,
    );
    for (const [name, role] of [
      ["manager_1", "slave"],
      ["manager_2", "master"],
    ] as const)
      expect((await sandbox.enter(name, "systemctl", "is-active", unitOf(role))).stdout.trim()).toBe(
        "active",
      );
  });
});

describe("as ops, who may act as leofs and stop the units", () => {
  const rig = rigForThisFile({ ...one, login: "ops" });

  it("recovers the slave in place, its manager started by script while its unit waits to start it again", async () => {
    const sandbox = await rig.begin();
    const unit = unitOf("master");
    // Somebody started the script by hand; the enabled unit fails beside it and tries again every 20 s.
    const started = (text: string) => sandbox.enter("master", "sh", "-c", text);
    await started(
      `systemctl stop ${unit}; runuser -u leofs -- ${sandbox.manager("master").home}/bin/leo_manager start`,
    );
    await sandbox.waitForPair();
    await started(
      `systemctl start --no-block ${unit}; until systemctl is-active ${unit} | grep -q activating; do sleep 0.1; done`,
    );
    await sandbox.damage("slave");
    await rig.configure(inPlaceSettings(sandbox.description, "slave-damaged", "slave"));
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    // Started again by its unit, which is enabled, and by nothing beside it.
    expect((await started("pgrep -c beam.smp; pgrep -c heart")).stdout).toBe("1\n0\n");
    expect((await started(`systemctl is-active ${unit}`)).stdout).toBe("active\n");
  });

  it("finds the unit whatever path the home is written with, and whatever it is called", async () => {
    const sandbox = await rig.begin();
    const renamed = (from: string, to: string) =>
      sandbox.enter(
        "slave",
        "sh",
        "-c",
        `systemctl disable --now ${from}; mv "$(systemctl show -p FragmentPath --value ${from})" /etc/systemd/system/${to}
        systemctl daemon-reload; systemctl enable --now ${to}; rm -f /etc/sudoers.d/own
        echo 'ops ALL=(root) NOPASSWD: /usr/bin/systemctl start ${to}, /usr/bin/systemctl stop ${to}' > /etc/sudoers.d/own`,
      );
    await renamed(unitOf("slave"), "own.service");
    onTestFinished(async () => void (await renamed("own.service", unitOf("slave"))));
    // The donor runs by a wrapper that says nowhere which manager it starts, and that systemd starts again at once.
    const wrapped = (text: string) => sandbox.enter("master", "sh", "-c", text);
    const made = await wrapped(`
      echo 'HOME_OF_IT=${sandbox.manager("master").home}' > /etc/default/manager
      printf '#!/bin/sh\\n. /etc/default/manager\\ncd "$HOME_OF_IT" && exec bin/leo_manager foreground_start\\n' > /usr/local/bin/run-it
      chmod 755 /usr/local/bin/run-it
      printf '[Service]\\nUser=leofs\\nExecStart=/usr/local/bin/run-it\\nRestart=always\\nRestartSec=1\\n' > /etc/systemd/system/wrapped.service
      echo 'ops ALL=(root) NOPASSWD: /usr/bin/systemctl start wrapped, /usr/bin/systemctl stop wrapped' > /etc/sudoers.d/wrapped
      systemctl daemon-reload; systemctl disable --now ${unitOf("master")}; systemctl start wrapped.service`);
    onTestFinished(
      async () =>
        void (await wrapped(`systemctl stop wrapped.service; systemctl enable --now ${unitOf("master")}`)),
    );
    expect(made.code).toBe(0);
    await sandbox.waitForPair();
    await sandbox.enter("slave", "systemctl", "stop", "own.service");
    await sandbox.damage("slave");
    const settings = JSON.stringify(inPlaceSettings(sandbox.description, "by-version", "slave"));
    await rig.configure(JSON.parse(settings.replaceAll("/leofs/current/", "/leofs/1.4.4/")));
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect((await wrapped("systemctl is-active wrapped.service; pgrep -c beam.smp")).stdout).toBe(
      "active\n1\n",
    );
    expect((await sandbox.enter("slave", "systemctl", "is-active", "own.service")).stdout).toBe("active\n");
  });

  it("is refused in preview without the right to stop the unit, and names the right", async () => {
    const sandbox = await rig.begin();
    await sandbox.damage("slave");
    for (const name of ["manager_0", "manager_1"])
      await sandbox.enter(name, "sh", "-c", "echo 'ops ALL=(leofs) NOPASSWD: ALL' > /etc/sudoers.d/ops");
    // Masked while it runs, and started by root once.
    const unit = unitOf("master");
    const { etc } = sandbox.manager("master");
    const spoil = `mv /etc/systemd/system/${unit} /usr/lib/systemd/system/; systemctl daemon-reload; systemctl mask ${unit}; chmod 600 ${etc}/vm.args; chown root ${etc}/vm.args`;
    const mend = `chown leofs ${etc}/vm.args; systemctl unmask ${unit}; mv /usr/lib/systemd/system/${unit} /etc/systemd/system/; systemctl daemon-reload`;
    await sandbox.enter("master", "sh", "-c", spoil);
    onTestFinished(async () => void (await sandbox.enter("master", "sh", "-c", mend)));
    await rig.configure(inPlaceSettings(sandbox.description, "no-right", "slave"));
    const plan = flat((await rig.preview()).plan);
    expect(plan).toContain(
      `ops may not stop and start that unit: sudo -n -l systemctl stop ${unitOf("master")}`,
    );
    expect(plan).toContain(`runs in ${unit} of systemd, which somebody has masked`);
    expect(plan).toMatch(
      /leofs cannot read \S+vm\.args, where bin\/leo_manager stop finds the name and the cookie/,
    );
    expect((await rig.up()).error).toContain("is refused, nothing was changed");
    expect(await sandbox.isRunning("master")).toBe(true);
  });

  it.each(["/bin/tcsh", "/usr/bin/fish"])(
    "takes over the slave with %s as the login shell",
    async (shell) => {
      const sandbox = await rig.begin();
      await sandbox.lose("slave");
      await sandbox.spare();
      for (const name of ["manager_0", "manager_2"])
        expect((await sandbox.enter(name, "usermod", "-s", shell, "ops")).code).toBe(0);
      await rig.configure(takeoverSettings(sandbox.description, "slave-lost"));
      const ran = await rig.up();
      expect(ran.error).toBeUndefined();
      expect(ran.outcome.verdict).toBe("recovered");
    },
  );
});

describe("as the user LeoFS runs as, who was given a shell", () => {
  const rig = rigForThisFile({ ...one, login: "leofs" });

  it("recovers the master in place; with the package's own nologin it is told so", async () => {
    const sandbox = await rig.begin();
    await sandbox.damage("master");
    await rig.configure(inPlaceSettings(sandbox.description, "master-damaged", "master"));
    await sandbox.enter("manager_0", "usermod", "-s", "/sbin/nologin", "leofs");
    expect(flat((await rig.preview()).plan)).toMatch(
      /started no `sh`; it said: This account is currently not available/,
    );
    await sandbox.enter("manager_0", "usermod", "-s", "/bin/sh", "leofs");
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
  });
});

describe("the four recoveries, one after the other on one cluster, each host with a login of its own", () => {
  const rig = rigForThisFile({ ...one, login: "ops" });
  type Login = "root" | "ops" | "leofs";

  /** Lets LeoFS's own user in too, as `ops` is: with a shell, and the right to stop and start the units. */
  const letIn = (name: string) =>
    rig.sandbox.enter(
      name,
      "sh",
      "-c",
      `usermod -s /bin/sh leofs; cat > /etc/sudoers.d/leofs <<'END'\n${sudoers("leofs")}END`,
    );
  const manager = (name: string, user: Login) => {
    const { connection, ...rest } = managerSettings(rig.sandbox, name);
    return { ...rest, connection: { ...connection, user } };
  };
  async function recovers(incident: string, recovery: Record<string, unknown>): Promise<void> {
    await rig.forgetStack();
    await rig.configure({ incident, ...recovery });
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
  }

  it("the master in place: as root, from a donor as ops", async () => {
    const sandbox = await rig.begin();
    for (const name of ["manager_0", "manager_1"]) await letIn(name);
    await sandbox.damage("master");
    const inPlace = { damaged: manager("manager_0", "root"), donor: manager("manager_1", "ops") };
    await recovers("first", { inPlace });
  });

  it("the slave in place: as leofs, from a donor as root", async () => {
    await rig.sandbox.damage("slave");
    const inPlace = { damaged: manager("manager_1", "leofs"), donor: manager("manager_0", "root") };
    await recovers("second", { inPlace });
  });

  it("the master taken over: the survivor as ops, the replacement as leofs", async () => {
    const { node: lost } = rig.sandbox.manager("manager_0");
    const { etc } = rig.sandbox.manager("manager_1");
    // As hosts are hardened: what LeoFS generates is its own alone (umask 077), sudo keeps a record of all that is said, and start
    // files of a login talk, and set what they like.
    const hardened = [
      `chmod 600 ${etc}/app.config ${etc}/vm.args`,
      "echo 'Defaults log_input, log_output, logfile=/var/log/sudo.log' > /etc/sudoers.d/record",
      "echo 'echo welcome; set -Cu; umask 077; export LC_ALL=ja_JP.eucJP CDPATH=/ TMPDIR=/none TMOUT=2; readonly TMOUT' > /home/ops/.bashrc",
    ];
    await rig.sandbox.enter("manager_1", "sh", "-c", hardened.join("\n"));
    await rig.sandbox.powerOff("manager_0");
    await letIn(await rig.sandbox.spare({ role: "master" }));
    const takeover = { survivor: manager("manager_1", "ops"), replacement: manager("manager_2", "leofs") };
    await recovers("third", { takeover: { lost, ...takeover } });
  });

  it("the slave taken over: the survivor as root, the replacement as leofs", async () => {
    const { node: lost } = rig.sandbox.manager("manager_1");
    await rig.sandbox.powerOff("manager_1");
    await letIn(await rig.sandbox.spare({ role: "slave" }));
    const takeover = { survivor: manager("manager_2", "root"), replacement: manager("manager_3", "leofs") };
    await recovers("fourth", { takeover: { lost, ...takeover } });
  });
});

describe("a lost manager that systemd would start again", () => {
  const rig = rigForThisFile({ ...one });

  it("never comes back with old data: not while it is fenced, not after, not with its host", async () => {
    const sandbox = await rig.begin();
    const { backupDirectory: _, node: lost, ...fence } = managerSettings(sandbox, "manager_0");
    await sandbox.enter("manager_0", "systemctl", "stop", unitOf("master"));
    await sandbox.spare({ role: "master" });
    const [survivor, replacement] = ["manager_1", "manager_2"].map((name) => managerSettings(sandbox, name));
    await rig.configure({ incident: "fenced", takeover: { lost, survivor, replacement, fence } });
    const ran = await rig.up();
    expect(ran.error).toBeUndefined();
    expect(ran.outcome.verdict).toBe("recovered");
    expect(ran.outcome.nextSteps.join("\n")).toContain(`${unitOf("master")} on `);
    await sandbox.powerOff("manager_0");
    await sandbox.powerOn("manager_0");
    const { stdout } = await sandbox.enter(
      "manager_0",
      "sh",
      "-c",
      `systemctl is-system-running --wait; systemctl is-enabled ${unitOf("master")}; pgrep -c beam.smp`,
    );
    expect(stdout).toMatch(/\ndisabled\n0\n$/);
  });
});
