import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Session } from "../../providers/session/session";
import { serviceConnection } from "../../providers/targets/serviceConnection";
import type { ConnectionArgs } from "../../remote/connection";
import { closeAll, connect } from "../../remote/ssh/pool";
import { serviceLoginProblem } from "../../remote/ssh/serviceLogin";
import { sh } from "../support/shell";
import { type Server, startServer } from "./sshd";

let server: Server;
let agent: { socket: string; pid: number };

const add = (key: string) =>
  execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: agent.socket } });

beforeAll(async () => {
  server = await startServer();
  const socket = join(server.directory, "agent");
  const said = execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" });
  agent = { socket, pid: Number(/SSH_AGENT_PID=(\d+)/.exec(said)![1]) };
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(server.directory, "stranger")]);
});
afterAll(async () => {
  process.kill(agent.pid);
  await server.stop();
});
afterEach(() => {
  closeAll();
  execFileSync("ssh-add", ["-q", "-D"], {
    env: { ...process.env, SSH_AUTH_SOCK: agent.socket },
    stdio: "ignore",
  });
});

/** The server without a key, with an agent. */
const withAgent = (agentSocketPath = agent.socket): ConnectionArgs => {
  const { privateKey: _, ...rest } = server.connection;
  return { ...rest, agentSocketPath };
};
const lastKeyFile = () => join(server.directory, "client");
const target = (connection: ConnectionArgs) => ({ connection, lastKeyFile: lastKeyFile() });

describe("an agent first, then the usual key file, as ssh does", () => {
  it("logs in with an agent that holds no key, service steps too", async () => {
    expect((await new Session().hostOf(target(withAgent())).run(sh("echo in"))).stdout).toBe("in\n");
    const args = await serviceConnection(target(withAgent()));
    expect(args.privateKey).toBe(readFileSync(lastKeyFile(), "utf8"));
    expect(await serviceLoginProblem(args)).toBeUndefined();
  });

  it("logs in with an agent whose key is refused, and says that the service steps would not", async () => {
    add(join(server.directory, "stranger"));
    expect((await new Session().hostOf(target(withAgent())).run(sh("echo in"))).stdout).toBe("in\n");
    expect(await serviceLoginProblem(await serviceConnection(target(withAgent())))).toMatch(
      /refused the login \(tried: agent;/,
    );
  });

  it("logs in with a key of the agent beside a certificate that is refused", async () => {
    const file = (name: string) => join(server.directory, name);
    for (const name of ["authority", "certified"])
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(name)]);
    execFileSync("ssh-keygen", [
      "-q",
      "-s",
      file("authority"),
      "-I",
      "me",
      "-n",
      "root",
      file("certified.pub"),
    ]);
    add(file("certified"));
    add(lastKeyFile());
    expect((await connect(withAgent()).run(sh("echo in"))).stdout).toBe("in\n");
  });

  it("says what to do when the agent holds more keys than the server takes", async () => {
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) {
      const file = join(server.directory, `many-${name}`);
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
      add(file);
    }
    add(lastKeyFile());
    await expect(connect(withAgent()).run(sh("echo in"))).rejects.toThrow(
      /Too many authentication failures.*The agent offers more keys than that server takes \(MaxAuthTries\)\. Set privateKeyFile/s,
    );
  });

  it("uses the agent's key where it holds one", async () => {
    add(lastKeyFile());
    expect((await connect(withAgent()).run(sh("echo in"))).stdout).toBe("in\n");
    const args = await serviceConnection(target(withAgent()));
    expect(args.privateKey).toBeUndefined();
    expect(await serviceLoginProblem(args)).toBeUndefined();
  });

  it("logs in without any agent at the socket, and says that the service steps would not", async () => {
    const nobody = join(server.directory, "nobody");
    expect((await new Session().hostOf(target(withAgent(nobody))).run(sh("echo in"))).stdout).toBe("in\n");
    expect(await serviceLoginProblem(await serviceConnection(target(withAgent(nobody))))).toMatch(
      /nothing answers at the SSH agent's socket \S+nobody, and that client gives up then/,
    );
  });
});

describe("whether the service steps would log in", () => {
  it("through a jump host", async () => {
    const jump = await startServer();
    const args = { ...server.connection, proxy: jump.connection };
    expect(await serviceLoginProblem(args)).toBeUndefined();
    expect(jump.logins()).toBe(1);
    await jump.stop();
  });

  it("not with a key that is refused, though the agent's would do; nor with one that they do not read", async () => {
    add(lastKeyFile());
    const stranger = join(server.directory, "stranger");
    const args = { ...withAgent(), privateKey: readFileSync(stranger, "utf8") };
    expect((await connect(args).run(sh("echo in"))).stdout).toBe("in\n");
    expect(await serviceLoginProblem(args)).toMatch(/refused the login \(tried: publickey;/);
    const locked = join(server.directory, "locked");
    execFileSync("ssh-keygen", ["-q", "-Z", "aes128-cbc", "-t", "ed25519", "-N", "secret", "-f", locked]);
    const key = { privateKey: readFileSync(locked, "utf8"), privateKeyPassword: "secret" };
    expect(await serviceLoginProblem({ ...server.connection, ...key })).toMatch(
      /does not read keys that are encrypted with aes128-cbc/,
    );
  });

  it("and whether a shell reads what they give it", async () => {
    const forced = await startServer({ config: ["ForceCommand echo go away"] });
    expect(await serviceLoginProblem(forced.connection)).toMatch(
      /the login works, but `exec sh` starts no shell that reads its input: go away\./,
    );
    await forced.stop();
  });

  it("and says nothing of a host that is not reached: it has its own message", async () => {
    expect(await serviceLoginProblem({ ...server.connection, port: 1 })).toBeUndefined();
  });
});
