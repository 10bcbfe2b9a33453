import { describe, expect, test } from "vitest";
import { examine } from "../../../../leofs/checks/check";
import { placeChecks } from "../../../../leofs/checks/placeChecks";
import type { ManagerView } from "../../../../leofs/checks/view";
import { view } from "../../support/views";

const told = (one: ManagerView) => examine(placeChecks, one).map(({ name }) => name);

const RUNNING_UNIT = {
  name: "leofs-manager-master.service",
  active: true,
  starts: true,
  mine: true,
  systemctl: "/usr/bin/systemctl",
};

describe("what stop, start and the backups need of a host", () => {
  test("nothing is amiss on a sound one", () => {
    expect(told(view())).toEqual([]);
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
      "generatedFiles",
      ({ places }) => places.generatedUnread.push("/etc/leofs/vm.args"),
      /leofs cannot read \/etc\/leofs\/vm\.args, where bin\/leo_manager stop finds the name and the cookie/,
    ],
    [
      "unitMasked",
      ({ manager: { facts } }) => Object.assign(facts, { unit: RUNNING_UNIT, maskedUnit: RUNNING_UNIT.name }),
      /runs in leofs-manager-master\.service of systemd, which somebody has masked.* systemctl unmask leofs-manager-master\.service/,
    ],
    [
      "unitKills",
      ({ manager: { facts } }) =>
        Object.assign(facts, {
          unit: { ...RUNNING_UNIT, kills: true },
          release: { leofs: "1.4.2", erts: "8.3" },
        }),
      /has no ExecStop: .*in \[Service\] ExecStop=\/leofs\/leo_manager_0\/bin\/leo_manager stop/,
    ],
    [
      "mnesiaFiles",
      ({ places }) => places.unreadable.push("a.DCD", "b.DCD"),
      /cannot read a\.DCD, b\.DCD in/,
    ],
    [
      "mnesiaOddFiles",
      ({ places }) => places.odd.push("leo_s3_users.DCD", "old/pipe"),
      /leo_s3_users\.DCD, old\/pipe in \S+ is not a plain file/,
    ],
    [
      "mnesiaOddFiles",
      ({ places }) => places.misnamed.push("a\\b"),
      /"a\\\\b" in \S+ has a line break, a backslash or .* rename it, or move it out of there/,
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
      ({ places: { log } }) => Object.assign(log, { writable: false, dangling: "/l/log" }),
      /\/l\/log is a symbolic link to what is not there: mount or make that\.$/,
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

  test("an Erlang that stops in order at a signal needs no ExecStop, and a generated conf none where nothing runs", () => {
    const unit = { ...RUNNING_UNIT, kills: true as const };
    expect(told(view({}, ({ manager: { facts } }) => Object.assign(facts, { unit })))).toEqual([]);
    expect(told(view({ state: "down" }, ({ places }) => places.generatedUnread.push("x")))).toEqual([]);
  });

  test("one that is down has the address of its name, unless that is translated", () => {
    const elsewhere = "10.9.9.9";
    const named = (state?: "down") => view({ state }, ({ places }) => Object.assign(places, { elsewhere }));
    expect(examine(placeChecks, named("down"))).toMatchObject([
      {
        name: "nameElsewhere",
        acceptable: true,
        text: expect.stringContaining("its name leads to 10.9.9.9, which is no address of this host"),
      },
    ]);
    expect(told(named())).toEqual([]);
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
    expect(told(limited("root"))).toEqual([]);
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
    expect(told(served)).toEqual([]);
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
  expect(told(unused)).toEqual([]);
});
