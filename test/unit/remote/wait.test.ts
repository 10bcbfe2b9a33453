import { beforeEach, describe, expect, test } from "vitest";
import { type Look, WaitedTooLong, waitFor } from "../../../remote/wait";
import { QuickClock } from "../support/quickClock";

/** Looks that show these one after another, the last one for ever. */
function looks<T>(...all: Look<T>[]) {
  let calls = 0;
  const look = async () => all[Math.min(calls++, all.length - 1)]!;
  return { look, calls: () => calls };
}

describe("waiting for evidence", () => {
  let clock: QuickClock;
  beforeEach(() => {
    clock = new QuickClock();
  });

  test("ends with the first look that shows it", async () => {
    const { look, calls } = looks<number>({ done: 5 });
    expect(await waitFor(clock, "five", 0, look)).toBe(5);
    expect(calls()).toBe(1);
  });

  test("says what it waits for when that changes, and only then", async () => {
    const said: string[] = [];
    const { look } = looks<string>({ waiting: "a" }, { waiting: "a" }, { waiting: "b" }, { done: "x" });
    expect(await waitFor(clock, "x", 60, look, (text) => said.push(text))).toBe("x");
    expect(said).toEqual(["a (at most 60 s)", "b (at most 60 s)"]);
  });

  test("ends at its limit with what was seen last", async () => {
    const { look } = looks<never>({ waiting: "it does not answer" });
    const waited = waitFor(clock, "the manager", 60, look);
    await expect(waited).rejects.toBeInstanceOf(WaitedTooLong);
    await expect(waited).rejects.toThrow("waited 60 s for the manager; last seen: it does not answer");
    expect(clock.now()).toBe(60_200);
  });

  test("gives up at once when a look throws", async () => {
    const look = () => Promise.reject(new Error("no use"));
    await expect(waitFor(clock, "it", 60, look)).rejects.toThrow("no use");
  });
});
