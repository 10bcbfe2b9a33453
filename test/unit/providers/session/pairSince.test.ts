import { describe, expect, test } from "vitest";
import type { Noted } from "../../../../leofs/incident/journal";
import { otherTables } from "../../../../providers/session/pairSince";
import { broken, intact, MASTER, type Situation, SLAVE, view } from "../../support/views";

const noted = (done: Record<string, object>): Noted => ({
  begun: new Map(),
  done: new Map(Object.entries(done) as [string, Record<string, unknown>][]),
});
const CHECKED = { guard: { good: 0, master: 0, schema: "then" } };
const LOADED = { ...CHECKED, load: { file: "/d", schema: "loaded", evidence: [] } };
const LOADED_UNNAMED = { ...CHECKED, load: { file: "/d", evidence: [] } };

const seen = (now: string | undefined, situation: Partial<Situation> = {}) =>
  [MASTER, SLAVE].map((node) => ({ state: view({ node, ...situation }), now }));

describe("a pair that was proven", () => {
  test.each<[string, Record<string, object>, string | undefined]>([
    ["serves the tables that were there", CHECKED, "then"],
    ["serves the tables that were loaded", LOADED, "loaded"],
    ["was loaded by a version that did not note them", LOADED_UNNAMED, "other"],
    ["does not say which it has", CHECKED, undefined],
  ])("is itself where it %s", (_, done, now) => {
    expect(otherTables([noted(done), noted({})], seen(now))).toEqual([]);
  });

  test("is itself where it is down and its files are whole", () => {
    expect(otherTables([noted(CHECKED)], seen("then", { state: "down", health: intact() }))).toEqual([]);
  });

  test.each<[string, Record<string, object>, string | undefined, Partial<Situation>, RegExp]>([
    ["has tables that were made since", CHECKED, "other", {}, /has other tables than when/],
    ["has those of before the load", LOADED, "then", {}, /has other tables than when/],
    ["is down, with other tables", CHECKED, "other", { state: "down", health: intact() }, /other tables/],
    ["is down and damaged", {}, undefined, { state: "down", health: broken() }, /is down, and its Mnesia/],
  ])("is another one where it %s", (_, done, now, situation, says) => {
    const lines = otherTables([noted({}), noted(done)], seen(now, situation));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(says);
    expect(lines.join()).toMatch(new RegExp(`${MASTER} .*new incident.*${SLAVE} `));
  });

  test.each([
    ["a copy that was begun once more after it", "2026-11-25T21:00:00.000Z", 1],
    ["the copy that it was proven with", "2026-11-25T20:00:00.000Z", 2],
  ])("that is down without files goes on with %s", (_, at, refused) => {
    const name = `replica.${SLAVE}`;
    const journal = {
      begun: new Map([[name, { at }]]),
      done: new Map([[name, { at: "2026-11-25T20:30:00.000Z" }]]),
    } as unknown as Noted;
    expect(otherTables([journal], seen(undefined, { state: "down", health: broken() }))).toHaveLength(
      refused,
    );
  });
});
