import { describe, expect, test } from "vitest";
import { Journal } from "../../../../leofs/incident/journal";
import type { Side, Sides } from "../../../../leofs/pair/rollback/rollbackState";
import { undumped } from "../../../../leofs/pair/rollback/usedSince";
import { LocalHost } from "../../support/localHost";

const host = new LocalHost();

const GOOD = "manager_0@10.0.0.11";
const OTHER = "manager_1@10.0.0.12";
const FILES = "/backups/files-001";

type Given = Partial<Side> & { done?: Record<string, object>; begun?: string[] };

function side(node: string, { done = {}, begun = [], ...rest }: Given = {}): Side {
  const journal = new Journal({ host, directory: "/backups", as: undefined });
  for (const [name, record] of Object.entries(done)) journal.done.set(name, { at: "now", ...record });
  for (const name of begun) journal.begun.set(name, { at: "now" });
  return {
    manager: { spec: { node } },
    journal,
    replaces: false,
    cleared: false,
    ...rest,
  } as unknown as Side;
}

describe("the rows that a rollback tells use by", () => {
  const backedUp = { [`files.${GOOD}`]: { path: FILES } };
  const dumped = { ...backedUp, [`final.${GOOD}`]: { path: "/backups/final-001", from: FILES } };
  const of = (good: Given, other: Given = {}, online = false): Sides => ({
    good: side(GOOD, good),
    other: side(OTHER, other),
    online,
  });
  const given = { begun: [`restore.${OTHER}`] };

  test.each<[string, Sides, string | undefined]>([
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
