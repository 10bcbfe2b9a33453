import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { closeAll, connect } from "../../remote/ssh/pool";
import { serviceLoginProblem } from "../../remote/ssh/serviceLogin";
import { sh } from "../support/shell";
import { type ServerOptions, startServer } from "./sshd";

afterEach(closeAll);

const start = async (options: ServerOptions) => {
  const server = await startServer(options);
  onTestFinished(() => server.stop());
  return server;
};

/** What OpenSSH 5.3 of CentOS 6 has at most, in the words of today's. */
const OLD = [
  "HostKeyAlgorithms ssh-rsa",
  "KexAlgorithms diffie-hellman-group14-sha1",
  "Ciphers aes128-cbc",
  "MACs hmac-sha1",
];

describe("an old SSH server", () => {
  it("is reached, and that it is old is said", async () => {
    const server = await start({ keyTypes: ["rsa"], config: OLD });
    const host = connect(server.connection);
    expect((await host.run(sh("echo in"))).stdout).toBe("in\n");
    expect(host.remark).toMatch(/is an old SSH server: .*SHA-1/);
    expect(await serviceLoginProblem(server.connection)).toBeUndefined();
  });

  it("is not what a server of today is said to be", async () => {
    const server = await start({ keyTypes: ["rsa"], config: ["HostKeyAlgorithms ssh-rsa,rsa-sha2-256"] });
    const host = connect(server.connection);
    expect((await host.run(sh("echo in"))).stdout).toBe("in\n");
    expect(host.remark).toBeUndefined();
  });

  it("with nothing in common is not called unreachable: what it offers is told, at once", async () => {
    const server = await start({ config: ["KexAlgorithms sntrup761x25519-sha512@openssh.com"] });
    const before = server.log().length;
    await expect(connect(server.connection).run(sh("true"))).rejects.toMatchObject({
      kind: "algorithms",
      message: expect.stringMatching(
        /answers, but this program cannot talk to it: it offers only sntrup761x25519-sha512@openssh\.com\S* for key exchange \(KexAlgorithms\)/,
      ),
    });
    expect(
      server
        .log()
        .slice(before)
        .match(/^Connection from/gm),
    ).toHaveLength(2);
  });
});
