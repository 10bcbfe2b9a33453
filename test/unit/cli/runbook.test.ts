import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import type { Actor, SideName } from "../../../cli/runbook/actor";
import { type Cast, shellSteps } from "../../../cli/runbook/steps";
import { runbookText } from "../../../cli/runbook/text";
import { runbookOf } from "../../../cli/runbook/write";
import type { ManagerView } from "../../../leofs/checks/view";
import type { ManagerTarget } from "../../../providers/targets/arguments";
import { inPlace } from "../../../recovery/inPlace";
import { takeover } from "../../../recovery/takeover";
import { optionalProgram } from "../support/optionalProgram";
import { MASTER, NEW, SLAVE, view } from "../support/views";

const shellcheck = optionalProgram("shellcheck", "shellcheck");
const directory = mkdtempSync(join(tmpdir(), "leofs-runbook-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8B29GDkwfsf1iZJx3ACqhlW2kn8A/ZnZeDfHqx6QFQ";
const actor = (side: SideName, seen: ManagerView): Actor => {
  const { node } = seen.manager.spec;
  const target: ManagerTarget = {
    ...seen.manager.spec,
    backupDirectory: "/var/backups/it's here",
    connection: { host: node.split("@")[1]!, user: "ops", password: "canary-5ecret", hostKey },
  };
  return { side, target, view: seen, directory: "/var/backups/it's here/production-one-by-hand" };
};
const cast = (good: Actor, other: Actor, master: Actor): Cast => ({
  ...{ good, other, master, slave: master === good ? other : good },
  tables: ["leo_s3_users", "leo_s3_buckets"],
  ring: "1d38ab6d",
});
const written = (recipe: ReturnType<typeof takeover>, roles: Cast): string =>
  runbookText(recipe, roles, shellSteps(recipe, roles), {
    what: "takeover",
    findings: ["a finding\nrm -rf /"],
    writtenAt: "2026-11-22",
  });

const common = { cluster: "production", incident: "one" };
const old = actor("good", view({ node: SLAVE, role: "slave", partner: MASTER }));
const fresh = actor("other", view({ node: NEW, role: "master", state: "down", files: [] }));
const takeoverRecipe = takeover({ ...common, lost: MASTER, survivor: old.target, replacement: fresh.target });
const donor = actor("good", view());
const damaged = actor("other", view({ node: SLAVE, state: "down" }));
const inPlaceRecipe = inPlace({ ...common, managers: [donor.target, damaged.target], donor: 0 });
const books = [
  ["a takeover", written(takeoverRecipe, cast(old, fresh, fresh)), takeoverRecipe],
  ["a recovery in place", written(inPlaceRecipe, cast(donor, damaged, donor)), inPlaceRecipe],
] as const;

describe.each(books)("the runbook of %s", (name, text, recipe) => {
  const file = join(directory, `${name.replaceAll(" ", "-")}.sh`);
  writeFileSync(file, text);

  it("has every step of the recipe in its order, each with a check and an undo", () => {
    const heads = [...text.matchAll(/^# --- (\d+)\. /gm)].map(([, number]) => Number(number));
    expect(heads).toEqual(recipe.steps.map((_, index) => index + 1));
    for (const number of heads)
      for (const part of ["step", "check", "undo"]) expect(text).toContain(`\n${part}_${number}() {\n  `);
  });

  it("holds no secret, and no text of a finding as a command", () => {
    expect(text).not.toContain("canary-5ecret");
    expect(text).not.toMatch(/^\s*rm -rf \//m);
  });

  it.skipIf(!shellcheck)("is good POSIX shell", () => {
    const { status, stdout } = spawnSync(shellcheck!, ["--shell=sh", file], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, ""]);
  });

  it("lists its steps without going to any host, and begins with the first", () => {
    const run = (...args: string[]) => spawnSync("/bin/sh", [file, ...args], { encoding: "utf8" });
    expect(run("list").stdout).toContain("[ ]  1  check both managers");
    expect(run("step", "2")).toMatchObject({ status: 1, stderr: "STOP: step 1 comes first\n" });
  });
});

test.each([
  [{ rollback: true }, /a rollback has no runbook\..*pulumi up and rollback: true; .* undo of each step/],
  [{ method: "online" as const }, /online has no runbook: .*Run pulumi up; or take method: online out/],
])("%j has none, and the message says the way out", async (given, wanted) => {
  const settings = {
    name: "production",
    incident: "one",
    accept: [],
    rollback: false,
    onFailure: "stop" as const,
  };
  await expect(runbookOf({ ...settings, method: "offline", ...given })).rejects.toThrow(wanted);
});
