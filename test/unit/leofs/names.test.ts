import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { partnerProblems } from "../../../leofs/conf/conf";
import { nodeNameProblem, runnerUser, userNameProblem } from "../../../leofs/names";
import { managerProblems } from "../../../providers/argumentProblems";
import { requireUserName } from "../../../remote/become";

describe("RUNNER_USER", () => {
  test.each([
    ["RUNNER_USER=leo.fs\n"],
    ["RUNNER_USER=first\nRUNNER_USER=last\n"],
    ["export RUNNER_USER='storage'\n"],
    ['RUNNER_USER="leofs"\nRUNNER_USER=\n'],
    ["  RUNNER_USER=in-set\n#RUNNER_USER=comment\n"],
    ["NOTHING=here\n"],
  ])("%j is whom a shell that reads the file finds", (text) => {
    const directory = mkdtempSync(join(tmpdir(), "leofs-recovery-names-"));
    try {
      const file = join(directory, "leo_manager.environment");
      writeFileSync(file, text);
      const found = execFileSync("sh", ["-c", '. "$1"; printf %s "$RUNNER_USER"', "sh", file], {
        encoding: "utf8",
        env: { PATH: process.env.PATH },
      });
      expect(runnerUser(text) ?? "").toBe(found);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("a user name", () => {
  const target = { node: "m@h", home: "/h", backupDirectory: "/b", connection: { host: "h" } };

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
  ])("%s: %s, as a manager's and as a partner's", (name, isOne) => {
    const named = /is not a node name/;
    const asPartner = partnerProblems({ values: new Map(), broken: [], warnings: [] }, name);
    expect(nodeNameProblem(name) === undefined).toBe(isOne);
    expect(asPartner.some((problem) => named.test(problem))).toBe(!isOne);
  });
});
