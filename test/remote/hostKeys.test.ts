import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { serviceConnection } from "../../providers/targets/serviceConnection";
import type { ConnectionArgs } from "../../remote/connection";
import { closeAll, connect } from "../../remote/ssh/pool";
import { fingerprint, parsePublicKey } from "../../remote/ssh/publicKey";
import type { Connection } from "../../tools/standIn/inputs";
import { runRemote } from "../../tools/standIn/remoteCommand";
import { sh } from "../support/shell";
import { type Server, startServer } from "./sshd";

let server: Server;
let stranger: string;

beforeAll(async () => {
  server = await startServer({ keyTypes: ["ed25519", "rsa", "ecdsa"], config: ["LogLevel DEBUG1"] });
  const file = join(server.directory, "stranger");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  stranger = readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
});
afterAll(() => server.stop());
afterEach(closeAll);

const sha = (line: string) => fingerprint(parsePublicKey(line)!);

/** Connects with the given known_hosts text and nothing pinned but what is asked for. */
function attempt(knownHosts: string, pinned?: string) {
  const file = join(server.directory, "known_hosts");
  writeFileSync(file, knownHosts);
  const { hostKey: _, ...rest } = server.connection;
  const args: ConnectionArgs = pinned === undefined ? rest : { ...rest, hostKey: pinned };
  return connect(args, { knownHostsFiles: [file] }).run(sh("echo in"));
}

describe("the host key", () => {
  const name = () => `[${server.address}]:${server.port}`;

  it.each(["ed25519", "rsa", "ecdsa"] as const)("is asked for by its pinned type: %s", async (type) => {
    expect((await attempt("", server.hostKey(type))).stdout).toBe("in\n");
  });

  it("may come from known_hosts, hashed or not", async () => {
    expect((await attempt(`${name()} ${server.hostKey("rsa")}\n`)).stdout).toBe("in\n");
    closeAll();
    const file = join(server.directory, "to_hash");
    writeFileSync(file, `${name()} ${server.hostKey("ecdsa")}\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    expect((await attempt(readFileSync(file, "utf8"))).stdout).toBe("in\n");
  });

  it("that is another than the pinned one is refused with both fingerprints, before any login", async () => {
    const before = server.log();
    const run = attempt(`${name()} ${server.hostKey()}\n`, stranger);
    await expect(run).rejects.toMatchObject({ kind: "hostKey" });
    const { message } = await failure(run);
    expect(message).toContain(sha(stranger));
    expect(message).toContain(sha(server.hostKey()));
    const logged = server.log().slice(before.length);
    expect(logged).not.toMatch(/Accepted|Failed|Postponed|userauth/);
    // Refused at once: another attempt would not change the key.
    expect(logged.match(/^Connection from/gm)).toHaveLength(1);
  });

  it("that changed against known_hosts is refused with both fingerprints", async () => {
    const before = server.log().length;
    const { message } = await attempt(`${name()} ${stranger}\n`).then(
      () => new Error("let in"),
      (error: Error) => error,
    );
    expect(message).toContain(sha(stranger));
    expect(message).toContain(sha(server.hostKey()));
    expect(server.log().slice(before)).not.toMatch(/userauth/);
  });

  it("that is unknown is refused with the line to add, and that line works", async () => {
    const before = server.log().length;
    const error = await attempt("# nothing\n").then(
      () => new Error("let in"),
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ kind: "hostKey" });
    expect(server.log().slice(before)).not.toMatch(/userauth/);
    expect(error.message).toContain(sha(server.hostKey()));
    const line = error.message.slice(error.message.indexOf(`${name()} ssh-`));
    closeAll();
    expect((await attempt(`${line}\n`)).stdout).toBe("in\n");
  });

  it("that an authority vouches for is not known here, and it is said why `ssh` takes it", async () => {
    await expect(attempt(`@cert-authority * ${stranger}\n`)).rejects.toMatchObject({
      kind: "hostKey",
      message: expect.stringContaining("known_hosts has a @cert-authority for it"),
    });
  });

  it("that is revoked is refused, even when it is pinned", async () => {
    const run = attempt(`@revoked * ${server.hostKey()}\n`, server.hostKey());
    await expect(run).rejects.toMatchObject({
      kind: "hostKey",
      message: expect.stringContaining("@revoked"),
    });
  });
});

/** The client of the service commands, which knows a pinned key and nothing of known_hosts. */
describe("the host key of a service command", () => {
  let strict: Server;
  beforeAll(async () => {
    strict = await startServer({ config: ["LogLevel DEBUG1"] });
  });
  afterAll(() => strict.stop());

  const target = (connection: ConnectionArgs) => ({
    node: "manager_0@10.0.0.11",
    home: "/h",
    backupDirectory: "/b",
    connection,
  });

  /** Runs a command as the resource would, with only this in known_hosts; and what sshd saw of it. */
  async function serve(knownHosts: string, proxy?: Server): Promise<{ error?: Error; logged: string }> {
    const { hostKey: _, ...own } = strict.connection;
    const file = join(strict.directory, "known_hosts");
    writeFileSync(file, knownHosts);
    const { hostKey: __, ...via } = proxy?.connection ?? strict.connection;
    const args = await serviceConnection(target({ ...own, ...(proxy && { proxy: via }) }), [file]);
    const before = strict.log().length;
    const endpoint = (given: object) => ({
      user: "root",
      port: 22,
      perDialTimeout: 15,
      ...given,
      dialErrorLimit: 1,
    });
    const connection = { ...endpoint(args), ...(proxy && { proxy: endpoint(args.proxy as object) }) };
    const error = await runRemote({ connection: connection as Connection }, "echo in", {}, silent).then(
      () => undefined,
      (reason: Error) => reason,
    );
    return { error, logged: strict.log().slice(before) };
  }
  const silent = { line: () => undefined, status: () => undefined };
  const line = (server: Server, key = server.hostKey()) => `[${server.address}]:${server.port} ${key}\n`;

  it("is the one of known_hosts, and then it logs in", async () => {
    const { error, logged } = await serve(line(strict));
    expect(error).toBeUndefined();
    expect(logged).toMatch(/userauth-request for user/);
  });

  it.each([
    ["is not known", ""],
    ["changed", "another"],
    ["is revoked", "revoked"],
  ])("%s: not a byte of a login is sent", async (_, how) => {
    const known = {
      another: line(strict, stranger),
      revoked: `${line(strict)}@revoked ${line(strict)}`,
    }[how];
    const { error, logged } = await serve(known ?? "# nobody\n");
    expect(error?.message).toMatch(/host|handshake|verification/i);
    expect(logged).toMatch(/Connection from/);
    expect(logged).not.toMatch(/userauth|Accepted|Failed|publickey|password/);
  });

  it("of a jump host is asked for just the same", async () => {
    const jump = await startServer({ config: ["LogLevel DEBUG1"] });
    try {
      const refused = await serve(line(strict), jump);
      expect(refused.error?.message).toMatch(/host|handshake|verification/i);
      expect(jump.log()).not.toMatch(/userauth|Accepted/);
      const passed = await serve(line(strict) + line(jump), jump);
      expect(passed.error).toBeUndefined();
      expect(jump.log()).toMatch(/userauth-request/);
    } finally {
      await jump.stop();
    }
  });
});

describe("the login", () => {
  it("that is refused is not tried again and names the ways tried, without the secret", async () => {
    const file = join(server.directory, "unwelcome");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "canary", "-f", file]);
    const before = server.log().length;
    const run = connect({
      ...server.connection,
      privateKey: readFileSync(file, "utf8"),
      privateKeyPassword: "canary",
      password: "canary",
    }).run(sh("true"));
    await expect(run).rejects.toMatchObject({ kind: "authentication" });
    const { message } = await failure(run);
    expect(message).toContain("publickey, password");
    expect(message).not.toContain("canary");
    expect(
      server
        .log()
        .slice(before)
        .match(/^Connection from/gm),
    ).toHaveLength(1);
  });

  it("works with an agent", async () => {
    const { privateKey: _, ...rest } = server.connection;
    const printed = execFileSync("ssh-agent", ["-s", "-a", join(server.directory, "agent")], {
      encoding: "utf8",
    });
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(printed)![1]);
    try {
      const environment = { ...process.env, SSH_AUTH_SOCK: join(server.directory, "agent") };
      execFileSync("ssh-add", ["-q", join(server.directory, "client")], { env: environment });
      const host = connect({ ...rest, agentSocketPath: environment.SSH_AUTH_SOCK });
      expect((await host.run(sh("echo in"))).stdout).toBe("in\n");
    } finally {
      process.kill(pid);
    }
  });
});

describe("a jump host", () => {
  it("is the only way, and is connected to once for all hosts behind it", async () => {
    const jump = await startServer();
    try {
      const before = server.logins();
      const args = { ...server.connection, proxy: jump.connection };
      const other = { ...args, dialErrorLimit: 3, hostKey: server.hostKey("rsa") };
      const outputs = await Promise.all(
        [args, other].map((one) =>
          connect(one)
            .run(sh("echo $SSH_CLIENT"))
            .then(({ stdout }) => stdout),
        ),
      );
      expect(outputs).toHaveLength(2);
      expect(jump.logins()).toBe(1);
      expect(server.logins() - before).toBe(2);
      const wrong = connect({ ...args, proxy: { ...jump.connection, hostKey: stranger } });
      await expect(wrong.run(sh("true"))).rejects.toMatchObject({
        kind: "hostKey",
        host: expect.stringContaining(`${jump.port}`),
      });
    } finally {
      closeAll();
      await jump.stop();
    }
  });
});

function failure(run: Promise<unknown>): Promise<Error> {
  return run.then(
    () => new Error("it was let in"),
    (error: Error) => error,
  );
}
