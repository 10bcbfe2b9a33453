import { describe, expect, test } from "vitest";
import { type Look, WaitedTooLong, waitFor } from "../../../remote/wait";

/** Looks that show these one after another, the last one for ever. */
function looks<T>(...all: Look<T>[]) {
  let calls = 0;
  const look = async () => all[Math.min(calls++, all.length - 1)]!;
  return { look, calls: () => calls };
}

describe("waiting for evidence", () => {
  test("ends with the first look that shows it", async () => {
    const { look, calls } = looks<number>({ done: 5 });
    expect(await waitFor("five", 0, look)).toBe(5);
    expect(calls()).toBe(1);
  });

  test("says what it waits for when that changes, and only then", async () => {
    const said: string[] = [];
    const { look } = looks<string>({ waiting: "a" }, { waiting: "a" }, { waiting: "b" }, { done: "x" });
    expect(await waitFor("x", 60, look, (text) => said.push(text))).toBe("x");
    expect(said).toEqual(["a (at most 60 s)", "b (at most 60 s)"]);
  });

  test("ends at its limit with what was seen last", async () => {
    const { look } = looks<never>({ waiting: "it does not answer" });
    const waited = waitFor("the manager", 0, look);
    await expect(waited).rejects.toBeInstanceOf(WaitedTooLong);
    await expect(waited).rejects.toThrow("waited 0 s for the manager; last seen: it does not answer");
  });

  test("gives up at once when a look throws", async () => {
    const look = () => Promise.reject(new Error("no use"));
    await expect(waitFor("it", 60, look)).rejects.toThrow("no use");
  });
});
