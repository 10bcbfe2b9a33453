import { describe, expect, it, vi } from "vitest";
import { cacheRoot } from "../../../tools/paths";
import { lastLine, runCommand } from "../../../tools/process";

const node = process.execPath;
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("runCommand", () => {
  it("gives code, output and lines", async () => {
    const lines: string[] = [];
    const script = "console.log('one'); console.error('two'); process.exitCode = 3";
    const result = await runCommand(node, ["-e", script], {
      timeoutMs: 60_000,
      onLine: (line) => lines.push(line),
    });
    expect(result).toEqual({ code: 3, stdout: "one\n", stderr: "two\n" });
    expect(lines.sort()).toEqual(["one", "two"]);
  });

  it("says ENOENT for a command that is not there", async () => {
    await expect(runCommand("no-such-command", [], { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: "ENOENT",
    });
  });

  it("kills the command and all it started when time runs out", async () => {
    let grandchild = 0;
    const script = `
      const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const onLine = (line: string) => {
      grandchild = Number(line);
    };
    await expect(runCommand(node, ["-e", script], { timeoutMs: 3000, onLine })).rejects.toThrow("within 3 s");
    expect(grandchild).toBeGreaterThan(0);
    await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false), 10_000);
  });

  it("leaves no signal handler behind", async () => {
    const before = process.listenerCount("SIGINT");
    await runCommand(node, ["-e", ""], { timeoutMs: 60_000 });
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});

describe("lastLine", () => {
  it("is the last line with something in it", () => {
    expect(lastLine("first\nerror: no proxy \n\n")).toBe("error: no proxy");
    expect(lastLine("\n")).toBe("no output");
  });
});

describe("cacheRoot", () => {
  it("follows XDG_CACHE_HOME when that is absolute, else the home directory", () => {
    expect(cacheRoot({ XDG_CACHE_HOME: "/var/cache/me", HOME: "/home/me" })).toBe(
      "/var/cache/me/leofs-recovery",
    );
    expect(cacheRoot({ XDG_CACHE_HOME: "relative", HOME: "/home/me" })).toBe(
      "/home/me/.cache/leofs-recovery",
    );
    expect(cacheRoot({ HOME: "/home/me" })).toBe("/home/me/.cache/leofs-recovery");
  });
});
