import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { closeAll, connect } from "../../remote/ssh/pool";
import { sh } from "../support/shell";
import { eventually, type Server, type ServerOptions, startServer } from "./sshd";

const servers: Server[] = [];
afterEach(async () => {
  closeAll();
  for (const server of servers.splice(0)) await server.stop();
});

async function start(options: ServerOptions): Promise<Server> {
  const server = await startServer(options);
  servers.push(server);
  return server;
}

const NOISY = `#!/bin/sh
echo "Welcome! it's \\$5 a day"; echo warning >&2; printf 'no newline'
eval "$SSH_ORIGINAL_COMMAND"
`;

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += chunk;
  return all;
}

describe("servers that are not as one would like", () => {
  it("a banner and a shell that prints on start", async () => {
    const { connection } = await start({
      config: ["Banner %d/banner", "ForceCommand %d/noisy"],
      files: { noisy: NOISY, banner: "Authorised use only\n" },
    });
    const host = connect(connection);
    expect(await host.run(sh("echo out; echo err >&2"))).toEqual({
      code: 0,
      stdout: "out\n",
      stderr: "err\n",
    });
    const started = await host.spawn(sh("echo out; echo err >&2"));
    expect(await text(started.stdout)).toBe("out\n");
    expect(await started.done).toEqual({ code: 0, stderr: "err\n" });
  });

  it("one session only: commands and streams take turns on one connection", async () => {
    const server = await start({ config: ["MaxSessions 1"] });
    const host = connect(server.connection);
    await host.run(sh("true"));
    const works = await Promise.all([
      host.run(sh("echo 1")).then(({ stdout }) => stdout),
      host.spawn(sh("echo 2")).then(({ stdout }) => text(stdout)),
      host.run(sh("echo 3")).then(({ stdout }) => stdout),
      host.spawn(sh("echo 4")).then(({ stdout }) => text(stdout)),
      host.run(sh("echo 5")).then(({ stdout }) => stdout),
    ]);
    expect(works).toEqual(["1\n", "2\n", "3\n", "4\n", "5\n"]);
    expect(server.logins()).toBe(1);
  });

  it("one session only: a command that hangs is given up and does not block the host", async () => {
    const server = await start({ config: ["MaxSessions 1"] });
    const host = connect(server.connection);
    await expect(host.run(sh("sleep 300"), {}, { timeoutMs: 1000 })).rejects.toMatchObject({
      kind: "timeout",
    });
    expect((await host.run(sh("echo on"))).stdout).toBe("on\n");
  });

  it("no forwarding: dial says so, and differently from a port that nobody listens on", async () => {
    const closed = connect((await start({ config: ["AllowTcpForwarding no"] })).connection);
    await expect(closed.dial("127.0.0.1", 9)).rejects.toMatchObject({ kind: "forwarding" });
    const open = connect((await start({})).connection);
    await expect(open.dial("127.0.0.1", 1)).rejects.toMatchObject({ kind: "unreachable" });
  });

  it("forwarding: dial gives a connection made by the host", async () => {
    const echo = createServer((socket) => void socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    const address = echo.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    try {
      const host = connect((await start({})).connection);
      const stream = await host.dial("127.0.0.1", address.port);
      stream.end("there and back");
      expect(await text(stream)).toBe("there and back");
    } finally {
      echo.close();
    }
  });

  it("an account without a shell is an error with what it said", async () => {
    const { connection } = await start({
      config: ["ForceCommand %d/refuse"],
      files: { refuse: "#!/bin/sh\necho 'This account is not available.'\nexit 1\n" },
    });
    await expect(connect(connection).run(sh("true"))).rejects.toMatchObject({
      kind: "channel",
      message: expect.stringContaining("This account is not available."),
    });
  });

  it.each([
    ["script", 'exec script -qec "$SSH_ORIGINAL_COMMAND" /dev/null'],
    ["script, in a shell", 'script -q -c "$SSH_ORIGINAL_COMMAND" /dev/null; echo bye'],
    [
      "script without echo",
      'stty -echo 2>/dev/null; exec script -qec "stty -echo; $SSH_ORIGINAL_COMMAND" /dev/null',
    ],
  ])("a login that records what is done (%s) gives a terminal: said so, at once", async (_, command) => {
    const { connection } = await start({
      config: ["ForceCommand %d/record"],
      files: { record: `#!/bin/sh\necho "This session is recorded."\n${command}\n` },
    });
    await expect(connect(connection).run(sh("true"))).rejects.toMatchObject({
      kind: "channel",
      message: expect.stringMatching(/gives a terminal to every command, .* are recorded .*`test -t 0`/),
    });
  });

  it("a login shell that never gets ready is given up in time", async () => {
    const { connection } = await start({ config: ["ForceCommand sleep 30"] });
    await expect(connect(connection).run(sh("true"), {}, { timeoutMs: 1000 })).rejects.toMatchObject({
      kind: "timeout",
    });
  });

  it.each([
    ["a password", "sudo: a password is required"],
    ["a tty", "sudo: sorry, you must have a tty to run sudo"],
  ])("sudo that wants %s is one clear error", async (_, said) => {
    // No sudo is installed where this runs, and the tests do not add users: both are stood in for on the PATH.
    const { connection } = await start({
      config: ["SetEnv SHLVL=1 PATH=%d:/usr/bin:/bin"],
      files: {
        id: '#!/bin/sh\n[ "$1" = -u ] && echo 1000 || echo operator\n',
        sudo: `#!/bin/sh\necho '${said}' >&2\nexit 1\n`,
      },
    });
    const host = connect(connection);
    const error = { kind: "sudo", message: expect.stringContaining(said) };
    await expect(host.run(sh("id"), {}, { as: "leofs" })).rejects.toMatchObject(error);
    await expect(host.spawn(sh("id"), {}, { as: "leofs" })).rejects.toMatchObject(error);
    expect((await host.run(sh("echo on"))).stdout).toBe("on\n");
  });

  it("sudo that works is given the user and never a prompt", async () => {
    const { connection } = await start({
      config: ["SetEnv SHLVL=1 PATH=%d:/usr/bin:/bin"],
      files: {
        id: '#!/bin/sh\n[ "$1" = -u ] && echo 1000 || echo operator\n',
        sudo: '#!/bin/sh\nwords="$1 $2 $3 $4"; shift 4; SAID="$words" exec "$@"\n',
      },
    });
    const host = connect(connection);
    expect((await host.run(sh('echo "$SAID"'), {}, { as: "leofs" })).stdout).toBe("-n -H -u leofs\n");
  });

  it("nobody there: an error in time that says what was tried", async () => {
    const server = await start({});
    await server.stop();
    const error = { kind: "unreachable", message: expect.stringContaining("ECONNREFUSED") };
    const args = server.connection;
    await expect(connect({ ...args, dialErrorLimit: 2 }).run(sh("true"))).rejects.toMatchObject(error);
    const patient = connect({ ...args, dialErrorLimit: -1, user: "other" });
    await expect(patient.run(sh("true"), {}, { timeoutMs: 700 })).rejects.toMatchObject(error);
  });

  it("a name that only ssh_config knows: it is said where to take the address from", async () => {
    const { privateKey } = (await start({})).connection;
    const aliased = { host: "master-of-leofs.invalid", privateKey: privateKey!, dialErrorLimit: 1 };
    await expect(connect(aliased).run(sh("true"))).rejects.toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("`ssh -G master-of-leofs.invalid` says as host, port, user and proxy"),
    });
  });

  it("a port that is not SSH, and one that never speaks", async () => {
    const silent = createServer(() => undefined);
    const rude = createServer((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const listen = (server: typeof silent) =>
      new Promise<number>((resolve) =>
        server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
      );
    const open = {
      host: "127.0.0.1",
      privateKey: undefined,
      password: "canary",
      dialErrorLimit: 1,
      perDialTimeout: 1,
    };
    try {
      for (const one of [silent, rude]) {
        const run = connect({ ...open, port: await listen(one) }).run(sh("true"));
        await expect(run).rejects.toMatchObject({ kind: "unreachable" });
      }
    } finally {
      silent.close();
      rude.close();
      closeAll();
    }
  });

  it("a server that throttles logins is tried again", async () => {
    const server = await start({ config: ["MaxStartups 1:100:1"] });
    // Somebody else occupies the one place until sshd has turned ours away.
    const { connect: dial } = await import("node:net");
    const other = dial(server.port, server.address);
    await new Promise((resolve) => other.once("data", resolve));
    const run = connect(server.connection).run(sh("echo in"));
    await eventually(
      () => /drop connection|MaxStartups throttling/.test(server.log()),
      "sshd to turn one away",
    );
    other.destroy();
    expect((await run).stdout).toBe("in\n");
  });
});
