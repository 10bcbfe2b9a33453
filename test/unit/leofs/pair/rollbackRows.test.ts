import { rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { Before } from "../../../../leofs/incident/before";
import { Journal } from "../../../../leofs/incident/journal";
import { unfit } from "../../../../leofs/pair/rollback/rollBack";
import {
  type RollbackSide,
  type RollbackSides,
  servesBefore,
} from "../../../../leofs/pair/rollback/rollbackState";
import { undumped } from "../../../../leofs/pair/rollback/usedSince";
import { cleanUp, fakeHome, managerAt } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

const host = new LocalHost();
cleanUp();

const GOOD = "manager_0@10.0.0.11";
const OTHER = "manager_1@10.0.0.12";
const FILES = "/backups/files-001";

type Given = Partial<RollbackSide> & { done?: Record<string, object>; begun?: string[] };

function side(node: string, { done = {}, begun = [], ...rest }: Given = {}): RollbackSide {
  const journal = new Journal({ host, directory: "/backups", as: undefined });
  for (const [name, record] of Object.entries(done)) journal.done.set(name, { at: "now", ...record });
  for (const name of begun) journal.begun.set(name, { at: "now" });
  return {
    manager: { spec: { node } },
    journal,
    replaces: false,
    cleared: false,
    ...rest,
  } as unknown as RollbackSide;
}

describe("the rows that a rollback tells use by", () => {
  const backedUp = { [`files.${GOOD}`]: { path: FILES } };
  const dumped = { ...backedUp, [`final.${GOOD}`]: { path: "/backups/final-001", from: FILES } };
  const of = (good: Given, other: Given = {}, online = false): RollbackSides => ({
    good: side(GOOD, good),
    other: side(OTHER, other),
    online,
  });
  const given = { begun: [`restore.${OTHER}`] };

  test.each<[string, RollbackSides, string | undefined]>([
    ["both may have been started, and nobody dumped them", of({ done: backedUp }, given), FILES],
    [
      "they were dumped of an earlier backup",
      of({ done: { ...dumped, ...{ [`files.${GOOD}`]: { path: "/backups/files-002" } } } }, given),
      "/backups/files-002",
    ],
    [
      "it was down before, and its backup would take the place of what it has",
      of({ done: backedUp, replaces: true }),
      FILES,
    ],
    ["they were dumped", of({ done: dumped }, given), undefined],
    ["nothing of it is put back, and nobody has its files", of({ done: backedUp }), undefined],
    [
      "it was cleared: they were dumped before, or cannot be",
      of({ done: backedUp, replaces: true, cleared: true }),
      undefined,
    ],
    ["it served all the time", of({ done: backedUp }, given, true), undefined],
    ["the recovery was proven", of({ done: { ...backedUp, proven: {} } }, given), undefined],
    ["there are no files", of({}, given), undefined],
  ])("%s", (_, sides, backup) => {
    expect(undumped(sides)).toBe(backup);
  });
});

test("in place a donor serves before the other one loses what it was given: it may wait for that one", () => {
  const ran = { running: true, mnesia: true, generated: true, followers: [] };
  const seen = (good: Given, other: Given = {}, online = false) =>
    servesBefore({ good: side(GOOD, { before: ran, ...good }), other: side(OTHER, other), online });
  const given = { begun: [`restore.${OTHER}`] };
  expect(seen({}, given)).toBe(true);
  expect(seen({}, { running: true })).toBe(true);
  expect(seen({}, { ranLast: true })).toBe(true);
  expect(seen({}, {}, true)).toBe(true);
  expect(seen({})).toBe(false);
  expect(seen({}, { ...given, returned: true })).toBe(false);
  expect(seen({ replaces: true }, given)).toBe(false);
  expect(seen({ before: { ...ran, running: false } }, given)).toBe(false);
});

describe("who helps the one that served online to serve again", () => {
  const BEFORE: Before = { running: false, mnesia: true, generated: true, followers: [] };

  async function seen({ emptied = false, ...given }: Given & { emptied?: boolean }) {
    const home = await fakeHome();
    if (emptied) await rm(home.mnesia, { recursive: true });
    const manager = await managerAt(host, home);
    return unfit({ ...side(GOOD, { before: BEFORE, ...given }), manager });
  }
  const replica = { begun: [`replica.${GOOD}`] };

  test("with its replica, or its files where it ran before, or last", async () => {
    expect(await seen(replica)).toBeUndefined();
    expect(await seen({ begun: [`restore.${GOOD}`] })).toBeUndefined();
    expect(await seen({ before: { ...BEFORE, running: true } })).toBeUndefined();
    expect(await seen({ ranLast: true })).toBeUndefined();
  });

  test("not with files that it was down with before: they may be older", async () => {
    expect(await seen({})).toContain("could put older rows in the place of newer ones");
    expect(
      await seen({ ...replica, returned: true, original: { backup: FILES, aside: undefined } }),
    ).toContain("files are those from before the incident");
  });

  test("not without files: LeoFS would begin a new cluster", async () => {
    for (const given of [{}, replica, { returned: true }])
      expect(await seen({ ...given, emptied: true })).toContain("whichever ran last");
  });
});
