import { describe, expect, test } from "vitest";
import { partnerProblems } from "../../../leofs/conf/conf";
import { nodeNameProblem, userNameProblem } from "../../../leofs/names";
import { managerProblems } from "../../../providers/targets/argumentProblems";
import { requireUserName } from "../../../remote/ssh/become";

describe("a user name", () => {
  const target = { node: "m@10.0.0.1", home: "/h", backupDirectory: "/b", connection: { host: "h" } };

  test.each(["leofs", "leo.fs", "_leofs", "svc-leofs"])("%s is one everywhere", (name) => {
    expect(userNameProblem(name)).toBeUndefined();
    expect(managerProblems("m", { ...target, runAs: name })).toEqual([]);
    expect(() => requireUserName(name)).not.toThrow();
  });

  test.each(["-c", "a b", "", "0day", "x;y"])("%j is none anywhere", (name) => {
    expect(userNameProblem(name)).toMatch(/is not a user name/);
    expect(() => requireUserName(name)).toThrow();
  });
});

describe("a node name", () => {
  test.each([
    ["manager_0@10.0.0.11", true],
    ["m-1@fe80::1", true],
    // Erlang does not start under it.
    ["manager.0@10.0.0.11", false],
    ["manager_0", false],
    ["'quoted'@host", false],
    // No other node connects to it: "System running to use fully qualified hostnames".
    ["manager_0@host", false],
    ["manager_0@localhost", false],
    ["manager_0@host.internal", true],
  ])("%s: %s, as a manager's and as a partner's", (name, isOne) => {
    const named = /is not a node name|no other node would reach it/;
    const asPartner = partnerProblems({ values: new Map(), broken: [], warnings: [] }, name);
    expect(nodeNameProblem(name) === undefined).toBe(isOne);
    expect(asPartner.some((problem) => named.test(problem))).toBe(!isOne);
  });
});
