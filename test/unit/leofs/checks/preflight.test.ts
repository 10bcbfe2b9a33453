import { describe, expect, test } from "vitest";
import { type CheckList, examine } from "../../../../leofs/checks/check";
import { managerChecks } from "../../../../leofs/checks/managerChecks";
import { distanceChecks } from "../../../../leofs/checks/reachChecks";
import { secondCopyChecks, secondCopyHostChecks } from "../../../../leofs/checks/secondCopyChecks";
import { serviceChecks } from "../../../../leofs/checks/serviceChecks";
import type { ManagerView } from "../../../../leofs/checks/view";
import { MASTER, NEW, view } from "../../support/views";

/** Needs of docs/preflight.md that have no test beside their own list: each is broken alone, and it alone is told. */
const refused = <View>(list: CheckList<View>, what: View) =>
  examine(list, what).filter(({ level }) => level === "refuse");

describe("of a manager", () => {
  test.each<[string, CheckList<ManagerView>, (one: ManagerView) => void, RegExp]>([
    [
      "confMoved",
      managerChecks,
      ({ manager: { facts } }) => Object.assign(facts.conf, { next: "/etc/leofs/leo_manager_0" }),
      /runs with \S+leo_manager\.conf, but \S+ would start it with \/etc\/leofs\/leo_manager_0\/leo_manager\.conf/,
    ],
    [
      "confEdited",
      managerChecks,
      ({ manager: { settings } }) => Object.assign(settings.generated, { cookie: "canary-old" }),
      /^(?!.*canary).*distributed_cookie was changed since \S+ was started .*has behind -setcookie/,
    ],
    [
      "confEdited",
      managerChecks,
      ({ manager: { facts } }) => {
        facts.conf.schema = '{mapping, "manager.mode", "leo_manager.manager_mode", [{default, slave}]}.';
      },
      /manager\.mode was changed since .* it runs as master, and its next start would make it a slave\. Set manager\.mode = master;/,
    ],
    [
      "nodeName",
      managerChecks,
      ({ manager: { settings } }) => {
        Object.assign(settings, { node: NEW });
        Object.assign(settings.generated, { node: MASTER });
        settings.conf.values.set("nodename", { value: NEW, file: "/etc/x.conf", line: 3 });
      },
      /was last started from \S+, but \/etc\/x\.conf line 3 names manager_2@\S+ since: .* Set nodename back to manager_0@/,
    ],
    [
      "nodeName",
      managerChecks,
      ({ manager: { settings } }) => {
        Object.assign(settings, { node: undefined });
        settings.conf.values.delete("nodename");
        settings.conf.broken.push({ file: "/etc/x.conf", line: 3, reason: "has no `=`" });
      },
      /: \/etc\/x\.conf line 3 has no `=`: LeoFS cannot read its configuration then/,
    ],
    [
      "backupDirectory",
      managerChecks,
      ({ places: { backups, mnesia } }) => Object.assign(backups, { real: `${mnesia.real}/backups` }),
      /is in the Mnesia directory \S+work\/mnesia, which is moved aside as a whole: the backups would go with it/,
    ],
    [
      "oldErlang",
      managerChecks,
      ({ manager: { facts } }) => Object.assign(facts, { release: { leofs: "1.2.21", erts: "6.4.1.5" } }),
      /is LeoFS 1\.2\.21 on the Erlang runtime 6\.4\.1\.5\./,
    ],
    [
      "distribution",
      managerChecks,
      ({ manager: { facts } }) => Object.assign(facts, { distribution: "inet_tls" }),
      /speaks with other nodes by inet_tls \(-proto_dist\)/,
    ],
    ...['"canary"', "'canary'", "can#ary", "can\\ary", "-canary", "+canary", "can ary", "can\u00e9ary"].map(
      (cookie): [string, CheckList<ManagerView>, (one: ManagerView) => void, RegExp] => [
        "cookieText",
        managerChecks,
        ({ manager: { settings } }) => {
          settings.cookie = cookie;
          settings.generated.cookie = cookie;
          settings.conf.values.set("distributed_cookie", { value: cookie, file: "/etc/x.conf", line: 9 });
        },
        /^(?!.*(?:anary|an.ary)).*distributed_cookie of \S+ \(\/etc\/x\.conf line 9\) holds \S.*, and behind -setcookie in \S+\/vm\.args, what/,
      ],
    ),
    [
      "console",
      managerChecks,
      (one) => Object.assign(one, { forwardingOff: true }),
      /forwards no connections to 127\.0\.0\.1:10020, and there is no leofs-adm with nc/,
    ],
    [
      "serviceLogin",
      serviceChecks,
      (one) => Object.assign(one, { serviceLogin: "a@b:22 refused the login." }),
      /could not be stopped and started: the SSH client of .* would not get in\. a@b:22 refused the login\. It takes one source of keys/,
    ],
  ])("%s", (name, list, spoil, text) => {
    expect(refused(list, view())).toEqual([]);
    expect(refused(list, view({}, spoil))).toEqual([
      { name, level: "refuse", text: expect.stringMatching(text), acceptable: false },
    ]);
  });

  test("backups in memory are a hazard and no refusal", () => {
    const found = examine(
      managerChecks,
      view({}, ({ places: { backups } }) => Object.assign(backups, { inMemory: true })),
    );
    expect(found).toMatchObject([
      { name: "backupInMemory", level: "hazard", text: expect.stringContaining("would lose the backups") },
    ]);
  });

  test("what else may start it, such as a line of cron, is a hazard", () => {
    const watched = view({}, ({ manager: { facts } }) =>
      Object.assign(facts, { watchers: ["/etc/cron.d/leofs"] }),
    );
    expect(examine(managerChecks, watched)).toMatchObject([
      {
        name: "watched",
        level: "hazard",
        text: expect.stringContaining("/etc/cron.d/leofs starts a manager"),
      },
    ]);
  });

  test("a supervisor is a hazard and no refusal, and none where systemd runs the manager itself", () => {
    const supervisor = { pid: 12, name: "supervisord" };
    const watched = view({}, ({ manager: { facts } }) => Object.assign(facts, { supervisor }));
    expect(examine(managerChecks, watched)).toMatchObject([
      {
        name: "supervised",
        level: "hazard",
        text: expect.stringContaining("under supervisord (process 12)"),
      },
    ]);
    const unit = {
      name: "leofs.service",
      active: true,
      starts: true,
      mine: true,
      systemctl: "/bin/systemctl",
    };
    const served = view({}, ({ manager: { facts } }) => Object.assign(facts, { supervisor, unit }));
    expect(examine(managerChecks, served)).toEqual([]);
  });

  test("units that may start it again are hazards, each by name", () => {
    const watched = view({}, ({ manager: { facts } }) =>
      Object.assign(facts, { aroundIt: "monit.service", unclearUnits: ["leofs-watch.service"] }),
    );
    expect(examine(managerChecks, watched)).toMatchObject([
      {
        name: "unclearUnit",
        level: "hazard",
        text: expect.stringContaining("from monit.service of systemd"),
      },
      {
        name: "unclearUnit",
        level: "hazard",
        text: expect.stringMatching(/leofs-watch\.service .*does not start manager_0@/),
      },
    ]);
  });

  test("a home that another node ran in is a hazard while it is down", () => {
    const copied = (state: "down" | "serving", node: string) =>
      view({ state }, ({ manager }) => Object.assign(manager.settings.generated, { node }));
    const found = examine(managerChecks, copied("down", "manager_1@10.0.0.9"));
    expect(found).toMatchObject([
      {
        name: "copiedHome",
        level: "hazard",
        text: expect.stringContaining("last started as manager_1@10.0.0.9"),
      },
    ]);
    for (const [state, node] of [
      ["serving", "x@10.0.0.9"],
      ["down", "manager_1@127.0.0.1"],
    ] as const)
      expect(examine(managerChecks, copied(state, node))).toEqual([]);
  });

  test("an old SSH server is a hazard and no refusal", () => {
    const old = view({}, ({ manager: { host } }) =>
      Object.assign(host, { remark: "a@b:22 is an old SSH server" }),
    );
    expect(refused(managerChecks, old)).toEqual([]);
    expect(examine(managerChecks, old)).toContainEqual(
      expect.objectContaining({ name: "oldServer", level: "hazard" }),
    );
  });
});

describe("of the way between the two, and of the place for second copies", () => {
  test("reach", () => {
    const distance = (answers: boolean) => ({
      label: "leofs@10.0.0.13:22",
      reach: { node: MASTER, answers, evidence: "no epmd answers" },
    });
    expect(refused(distanceChecks, distance(true))).toEqual([]);
    expect(refused(distanceChecks, distance(false))[0]?.text).toMatch(
      /leofs@10\.0\.0\.13:22 cannot reach \S+ over Erlang distribution \(no epmd answers\)/,
    );
  });

  test("copyDirectory, copySpace and copyHost", () => {
    const { backups } = view().places;
    const second = (change: object, wantedKiB = 1) =>
      refused(secondCopyChecks, { label: "c@d:22", place: { ...backups, ...change }, wantedKiB }).map(
        ({ name }) => name,
      );
    expect(second({})).toEqual([]);
    expect(second({ writable: false })).toEqual(["copyDirectory"]);
    expect(second({ link: true })).toEqual(["copyDirectory"]);
    expect(second({ freeKiB: 9 }, 10)).toEqual(["copySpace"]);
    expect(refused(secondCopyHostChecks, { label: "c@d:22", problem: "no route" })[0]?.text).toMatch(
      /cannot be used: c@d:22: no route\./,
    );
  });
});
