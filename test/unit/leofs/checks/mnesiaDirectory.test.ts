import { describe, expect, test } from "vitest";
import { examine } from "../../../../leofs/checks/check";
import { managerChecks } from "../../../../leofs/checks/managerChecks";
import type { ManagerView } from "../../../../leofs/checks/view";
import { view } from "../../support/views";

describe("the Mnesia directory of the conf", () => {
  const differs = (running: string, conf: string, change: (one: ManagerView) => void = () => undefined) =>
    examine(
      managerChecks,
      view({ conf }, (one) => {
        one.manager.facts.conf.main = conf;
        one.evidence!.directory = running;
        change(one);
      }),
    ).map(({ name, text }) => `${name}: ${text}`);

  test.each([
    ["is the one it runs with", "/leofs/leo_manager_0/work/mnesia", "mnesia.dir = ./work/mnesia/"],
    ["is that of the default", "/leofs/leo_manager_0/work/mnesia/127.0.0.1", ""],
  ])("%s", (_, running, conf) => {
    expect(differs(running, conf)).toEqual([]);
  });

  test("is the same however it is written", () => {
    expect(differs("/data/mnesia/m0", "mnesia.dir = /data//mnesia/./m0/")).toEqual([]);
  });

  test("is the same when the home is reached by a link", () => {
    const through = ({ places }: ManagerView) => Object.assign(places, { home: "/opt/1.4.2/leo_manager_0" });
    expect(differs("/opt/1.4.2/leo_manager_0/m", "mnesia.dir = m", through)).toEqual([]);
  });

  test("was edited since the manager was started: refused, with both", () => {
    expect(differs("/data/old", "mnesia.dir = /data/new")).toEqual([
      expect.stringMatching(
        /^mnesiaDirectory: .* runs with the Mnesia directory \/data\/old, but its next start would use \/data\/new: mnesia\.dir in \S+leo_manager\.conf line 1 was changed since\. Set mnesia\.dir back to \/data\/old/,
      ),
    ]);
  });

  test("was edited since a manager that is down was started", () => {
    const stopped = view({ state: "down", conf: "mnesia.dir = /data/new" }, ({ manager }) => {
      manager.settings.generated.mnesiaDir = "/data/old";
    });
    expect(examine(managerChecks, stopped)).toMatchObject([{ name: "mnesiaDirectory" }]);
  });
});
