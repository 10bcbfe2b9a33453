import { afterEach, expect, test, vi } from "vitest";
import { withKey } from "../../../../providers/targets/withKey";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a jump host is given the key where it has no other way to log in, and only there", () => {
  vi.stubEnv("SSH_AUTH_SOCK", undefined);
  const jump = (proxy: object) => withKey({ host: "h", proxy: { host: "j", ...proxy } }, "key").proxy;
  expect(withKey({ host: "h", user: "ops" }, "key")).toEqual({ host: "h", user: "ops", privateKey: "key" });
  expect(jump({ user: "ops" })).toEqual({ host: "j", user: "ops", privateKey: "key" });
  for (const own of [{ privateKey: "own" }, { password: "p" }, { agentSocketPath: "/run/agent" }])
    expect(jump(own)).toEqual({ host: "j", ...own });
  vi.stubEnv("SSH_AUTH_SOCK", "/run/agent");
  expect(jump({})).toEqual({ host: "j" });
});
