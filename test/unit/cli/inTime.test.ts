import { afterEach, expect, test, vi } from "vitest";
import { inTime } from "../../../cli/diagnose/inTime";

afterEach(() => {
  vi.useRealTimers();
});

test("a look at a host that does not come to its end is said to be late, whatever its own limits are", async () => {
  vi.useFakeTimers();
  const late = inTime(new Promise(() => undefined), (limit) => `m0 did not answer within ${limit}`);
  const told = expect(late).rejects.toThrow("m0 did not answer within 15 s");
  await vi.advanceTimersByTimeAsync(15_000);
  await told;
});

test("one that does is passed on, and nothing is left to wait for", async () => {
  vi.useFakeTimers();
  await expect(inTime(Promise.resolve("seen"), String)).resolves.toBe("seen");
  await expect(inTime(Promise.reject(new Error("refused")), String)).rejects.toThrow("refused");
  expect(vi.getTimerCount()).toBe(0);
});
