import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { closeAll, connect } from "../../remote/ssh/pool";
import type { SshHost } from "../../remote/ssh/sshHost";
import { sh } from "../support/shell";
import { alive, eventually, type Server, startServer } from "./sshd";

let server: Server;
let host: SshHost;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
afterEach(closeAll);

const fresh = () => connect(server.connection);

describe("run", () => {
  it("gives exit code, output and error output apart, and passes values untouched", async () => {
    host = fresh();
    const odd = 'it\'s $(id) `id` "x" \\ \n -n é *';
    const result = await host.run(sh('printf "%s" "$1"; printf "%s" "$2" >&2; exit 7'), {
      list: [odd, "-e"],
    });
    expect(result).toEqual({ code: 7, stdout: odd, stderr: "-e" });
  });

  it("makes one login for any number of simultaneous first uses, and of hosts with the same arguments", async () => {
    const before = server.logins();
    const runs = Array.from({ length: 40 }, (_, index) =>
      connect(server.connection).run(sh("echo $1"), { list: [`${index}`] }),
    );
    const outputs = (await Promise.all(runs)).map(({ stdout }) => stdout);
    expect(outputs).toEqual(Array.from({ length: 40 }, (_, index) => `${index}\n`));
    expect(server.logins() - before).toBe(1);
  });

  it("keeps every byte of input and output", async () => {
    host = fresh();
    for (const size of [1, 256, 100 * 1024, 700 * 1024]) {
      const bytes = randomBytes(size);
      const { stdout } = await host.run(sh("cat"), {}, { stdin: bytes, encoding: "latin1" });
      expect(Buffer.from(stdout, "latin1").equals(bytes)).toBe(true);
    }
    const file = join(server.directory, "random");
    writeFileSync(file, randomBytes(100 * 1024));
    const { stdout } = await host.run(sh('cat "$1"; cat "$1" >&2'), { list: [file] }, { encoding: "latin1" });
    expect(Buffer.from(stdout, "latin1").equals(readFileSync(file))).toBe(true);
  });

  it("keeps commands apart: no input, no variable, no directory, no syntax error reaches the next one", async () => {
    host = fresh();
    await host.run(sh("cd /; x=1; umask 0; cat; exit 0"));
    expect((await host.run(sh("if then ' ("))).code).not.toBe(0);
    expect((await host.run(sh("exec false"))).code).toBe(1);
    expect(await host.run(sh('echo "[$x$1]$#"; read -r line || echo end'))).toMatchObject({
      stdout: "[]0\nend\n",
    });
  });

  it("does not wait for a background process that a script leaves behind", async () => {
    host = fresh();
    const { stdout } = await host.run(sh("sleep 60 & echo $!"));
    expect((await host.run(sh("echo next"))).stdout).toBe("next\n");
    expect((await host.run(sh("kill $1"), { list: [stdout.trim()] })).code).toBe(0);
  });

  it("lets short commands pass a long one", async () => {
    host = fresh();
    const flag = join(server.directory, "flag");
    const long = host.run(sh('while [ ! -e "$1" ]; do sleep 0.05; done; echo long'), { list: [flag] });
    expect((await host.run(sh('touch "$1"; echo short'), { list: [flag] })).stdout).toBe("short\n");
    expect((await long).stdout).toBe("long\n");
  });

  it("gives a command up in time, ends its processes, and goes on", async () => {
    host = fresh();
    const before = server.logins();
    const file = join(server.directory, "pids");
    const run = host.run(sh('sleep 300 & echo "$! $$" >"$1"; wait'), { list: [file] }, { timeoutMs: 1500 });
    await expect(run).rejects.toMatchObject({ name: "RemoteError", kind: "timeout", host: host.label });
    const pids = readFileSync(file, "utf8").trim().split(" ").map(Number);
    expect((await host.run(sh("echo next"))).stdout).toBe("next\n");
    await eventually(() => !pids.some(alive), "the processes of the command to end");
    expect(server.logins() - before).toBe(1);
  });

  it("says so when the connection is cut in the middle, and connects again", async () => {
    host = fresh();
    await host.run(sh("true"));
    const before = server.logins();
    const file = join(server.directory, "started");
    const cut = host.run(sh('touch "$1"; sleep 300'), { list: [file] }).catch((error: unknown) => error);
    await eventually(() => existsSync(file), "the command to start");
    for (const pid of server.children()) process.kill(pid, "SIGKILL");
    expect(await cut).toMatchObject({ kind: "closed", host: host.label });
    expect((await host.run(sh("echo again"))).stdout).toBe("again\n");
    expect(server.logins() - before).toBe(1);
  });

  it("says so when the shell itself is killed", async () => {
    host = fresh();
    await expect(host.run(sh("kill -KILL $$"))).rejects.toMatchObject({ kind: "closed" });
    expect((await host.run(sh("echo again"))).stdout).toBe("again\n");
  });

  it.skipIf(process.getuid?.() !== 0)("works as another user, in a shell of its own", async () => {
    host = fresh();
    const before = server.logins();
    const as = { as: "nobody" };
    expect((await host.run(sh("id -un; pwd >/dev/null"), {}, as)).stdout).toBe("nobody\n");
    expect((await host.run(sh("id -un"))).stdout).toBe("root\n");
    const started = await host.spawn(sh("id -un; cat"), {}, as);
    started.stdin.end("input");
    let text = "";
    for await (const chunk of started.stdout) text += chunk;
    expect(text).toBe("nobody\ninput");
    expect(server.logins() - before).toBe(1);
    await expect(host.run(sh("id"), {}, { as: "no-such-user" })).rejects.toMatchObject({ kind: "sudo" });
    await expect(host.run(sh("id"), {}, { as: "-c" })).rejects.toThrow(/not the name of a user/);
  });
});

describe("an idle connection", () => {
  it("does not keep the process from ending, and one in use does", async () => {
    const text = `
      const { connect } = require("./remote/ssh/pool");
      const { sh } = require("./test/support/shell");
      const host = connect(JSON.parse(process.argv[1]));
      host.run(sh("echo first")).then(async ({ stdout }) => {
        process.stdout.write(stdout);
        await host.run(sh("sleep 0.5; echo second")).then(({ stdout }) => process.stdout.write(stdout));
      });`;
    const words = ["-r", "ts-node/register/transpile-only", "-e", text, JSON.stringify(server.connection)];
    const child = spawn(process.execPath, words, { cwd: join(__dirname, "../.."), timeout: 30_000 });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "close");
    expect({ code, said }).toEqual({ code: 0, said: "first\nsecond\n" });
  });
});

describe("spawn", () => {
  it("streams both ways without a loss", async () => {
    host = fresh();
    const bytes = randomBytes(5_000_000);
    const started = await host.spawn(sh("cat; echo done >&2; exit 3"));
    started.stdin.end(bytes);
    const hash = createHash("sha256");
    for await (const chunk of started.stdout) hash.update(chunk as Buffer);
    expect(hash.digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(await started.done).toEqual({ code: 3, stderr: "done\n" });
  });

  it("holds a fast sender back while nobody reads", async () => {
    host = fresh();
    const file = join(server.directory, "sent");
    const started = await host.spawn(
      sh('i=0; while [ $i -lt 64 ]; do head -c 1048576 /dev/zero; i=$((i + 1)); echo $i >"$1"; done'),
      { list: [file] },
    );
    await eventually(() => existsSync(file), "the first bytes to be sent");
    let size = 0;
    for await (const chunk of started.stdout) {
      // What the process sent is never far ahead of what was read: windows and buffers, a few MiB.
      if (size === 0) expect(Number(readFileSync(file, "utf8"))).toBeLessThan(16);
      size += (chunk as Buffer).length;
    }
    expect(size).toBe(64 * 1048576);
  });

  it("ends what is stuck, and fails its streams", async () => {
    host = fresh();
    const file = join(server.directory, "stuck");
    const started = await host.spawn(
      sh('echo $$ >"$1"; echo one; sleep 300'),
      { list: [file] },
      { timeoutMs: 1500 },
    );
    const read = async () => {
      for await (const _ of started.stdout);
    };
    await expect(read()).rejects.toMatchObject({ kind: "timeout" });
    await expect(started.done).rejects.toMatchObject({ kind: "timeout" });
    const pid = Number(readFileSync(file, "utf8"));
    await eventually(() => !alive(pid), "the process to end");
  });

  it("can be given up", async () => {
    host = fresh();
    const started = await host.spawn(sh("cat /dev/zero"));
    started.abort();
    await expect(started.done).rejects.toMatchObject({ kind: "closed" });
    expect((await host.run(sh("echo on"))).stdout).toBe("on\n");
  });
});
