import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { utils } from "ssh2";
import { describe, expect, test, vi } from "vitest";
import { readClusters } from "../../../recovery/settings/clusters";
import { CANARY, cluster, KEY, type Mapping, manager, operatorsHome, problems } from "../support/settings";

const LOCKED = utils.generateKeyPairSync("ecdsa", {
  bits: 256,
  passphrase: CANARY,
  cipher: "aes256-cbc",
  rounds: 16,
}).private;

const home = operatorsHome();

describe("the key of a connection", () => {
  const read = (connection: Mapping) => {
    const takeover = { ...(cluster().takeover as Mapping), survivor: manager(1, { connection }) };
    return readClusters({ a: cluster({ takeover }) })[0]!.takeover!.survivor;
  };
  const keyFile = (name: string) => {
    mkdirSync(join(home.path, ".ssh"), { recursive: true });
    writeFileSync(join(home.path, ".ssh", name), KEY);
    return join(home.path, ".ssh", name);
  };

  test("is named by a path, which leaves the connection; ~ is the home", () => {
    const path = keyFile("leofs");
    const survivor = read({ host: "a", privateKeyFile: "~/.ssh/leofs" });
    expect(survivor).toMatchObject({ privateKeyFile: path, connection: { host: "a" } });
    expect(survivor.connection).not.toHaveProperty("privateKeyFile");
  });

  test("is OpenSSH's own when nothing is given", () => {
    const path = keyFile("id_ecdsa");
    expect(read({ host: "a" }).privateKeyFile).toBe(path);
    expect(read({ host: "a", password: CANARY }).privateKeyFile).toBeUndefined();
    expect(read({ host: "a", agentSocketPath: "/run/agent" }).privateKeyFile).toBeUndefined();
  });

  test("is tried after the agent that the environment names", () => {
    const path = keyFile("id_ed25519");
    vi.stubEnv("SSH_AUTH_SOCK", "/run/agent");
    const { lastKeyFile, privateKeyFile } = read({ host: "a" });
    expect({ lastKeyFile, privateKeyFile }).toEqual({ lastKeyFile: path, privateKeyFile: undefined });
    expect(read({ host: "a", password: CANARY }).lastKeyFile).toBeUndefined();
    expect(read({ host: "a", agentSocketPath: "/run/agent" }).lastKeyFile).toBeUndefined();
    expect(read({ host: "a", privateKeyFile: path }).lastKeyFile).toBeUndefined();
  });

  test("with a pass phrase opens with privateKeyPassword, else by the agent that has it", () => {
    const path = keyFile("locked");
    writeFileSync(path, LOCKED);
    const opened = read({ host: "a", privateKeyFile: path, privateKeyPassword: CANARY });
    expect(opened).toMatchObject({ privateKeyFile: path, connection: { privateKeyPassword: CANARY } });
    const said = (connection: Mapping) =>
      problems({
        a: cluster({
          takeover: { ...(cluster().takeover as Mapping), survivor: manager(1, { connection }) },
        }),
      }).map((line) => line.replace(/^.*?connection\./, ""));
    expect(said({ host: "a", privateKeyFile: path })).toEqual([
      `privateKeyFile: ${path} is encrypted: set privateKeyPassword, or use an SSH agent that has it`,
    ]);
    expect(said({ host: "a", privateKeyFile: path, privateKeyPassword: "another" })).toEqual([
      `privateKeyFile: the key in ${path} does not open with privateKeyPassword`,
    ]);
    expect(said({ host: "a", privateKeyPassword: "another" })).toEqual([
      "privateKeyPassword is given without a key that it opens (privateKeyFile or privateKey)",
    ]);
    vi.stubEnv("SSH_AUTH_SOCK", "/run/agent");
    expect(read({ host: "a", privateKeyFile: path })).not.toHaveProperty("privateKeyFile");
  });

  test("a file of something else is a problem", () => {
    const path = keyFile("id_ed25519.pub");
    writeFileSync(path, "ssh-ed25519 AAAA someone\n");
    const takeover = {
      ...(cluster().takeover as Mapping),
      survivor: manager(1, { connection: { host: "a", privateKeyFile: path } }),
    };
    expect(problems({ a: cluster({ takeover }) })).toEqual([
      `clusters.a.takeover.survivor.connection.privateKeyFile: ${path} does not hold a private key`,
    ]);
  });

  test("a path that cannot be read, or is none, is a problem", () => {
    const takeover = {
      ...(cluster().takeover as Mapping),
      survivor: manager(1, { connection: { host: "a", privateKeyFile: "~/none" } }),
      replacement: manager(2, { connection: { host: "a", privateKeyFile: 5 } }),
    };
    expect(problems({ a: cluster({ takeover }) })).toEqual([
      `clusters.a.takeover.survivor.connection.privateKeyFile: ${home.path}/none cannot be read`,
      "clusters.a.takeover.replacement.connection.privateKeyFile must be a text: put it in quotes",
    ]);
  });
});
