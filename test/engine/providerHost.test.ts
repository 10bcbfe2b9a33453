import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ProviderName, providerText } from "../../providers/contract/resource";
import { type Server, startServer } from "../remote/sshd";
import { NAMES } from "../support/providerNames";
import { CallFailed, type InitFailure, ProviderHost } from "./support/providerHost";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** In every secret: in a connection, in a conf. */
const CANARY = "canary-5ecret";
const URN = "urn:pulumi:test::leofs-recovery::pulumi-nodejs:dynamic/leofs:X::x";

type Properties = Record<string, unknown>;

let host: ProviderHost;
let server: Server;
let root: string;

beforeAll(async () => {
  server = await startServer();
  root = await mkdtemp(join(tmpdir(), "leofs-recovery-home-"));
  host = await ProviderHost.start();
});
afterAll(async () => {
  await host?.stop();
  await server?.stop();
  if (root) await rm(root, { recursive: true, force: true });
});

const connection = () => ({ ...server.connection, password: CANARY });
const target = (name: string, home = join(root, name), more: Properties = {}) => ({
  node: `${name}@10.0.0.11`,
  home,
  runAs: userInfo().username,
  backupDirectory: join(root, "backups"),
  connection: connection(),
  ...more,
});
const frame = (name: ProviderName, inputs: Properties) => ({
  cluster: "production",
  incident: "one",
  ...inputs,
  resourceUrn: URN,
  __provider: providerText(name),
});

/** Inputs that fit each resource, with two managers whose homes need not be there. */
const inputs = (): Record<ProviderName, Properties> => {
  const [one, other] = [target("manager_0"), target("manager_1")];
  return {
    recoveryCheck: frame("recoveryCheck", {
      recovery: { kind: "inPlace", donor: 0 },
      managers: [one, other],
      accept: [],
    }),
    mnesiaBackup: frame("mnesiaBackup", { kind: "files", manager: one, clear: true }),
    managerPartnerConfig: frame("managerPartnerConfig", { manager: one, partner: other.node }),
    mnesiaImport: frame("mnesiaImport", { kind: "files", from: one, to: other, path: "/b" }),
    managerRegistration: frame("managerRegistration", {
      managers: [one, other],
      baseline: "",
      expected: "",
      sameNames: false,
    }),
    recoveryRollback: frame("recoveryRollback", { managers: [one, other] }),
  };
};
/** How a call failed. */
async function failure(call: Promise<unknown>): Promise<{ message: string; kept: InitFailure | undefined }> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CallFailed)) throw new Error(`it did not fail as a call does: ${String(error)}`);
  return { message: error.message, kept: error.kept };
}

/** A home with a conf that has no partner yet. */
async function homeOf(name: string, conf?: string): Promise<string> {
  const home = join(root, name);
  await mkdir(join(home, "etc"), { recursive: true });
  await mkdir(join(home, "bin"), { recursive: true });
  const text = conf ?? `nodename = ${name}@10.0.0.11\ndistributed_cookie = ${CANARY}\n`;
  await writeFile(join(home, "etc/leo_manager.conf"), text);
  return home;
}

describe.each(NAMES)("%s in Pulumi's own provider host", (name) => {
  test("what is not known yet, at any depth, stops no preview", async () => {
    const given = inputs()[name];
    const hidden = JSON.parse(JSON.stringify(given).replaceAll(`"${server.address}"`, `"${UNKNOWN}"`));
    expect(JSON.stringify(hidden)).toContain(UNKNOWN);
    const { inputs: checked, failures } = await host.check({}, hidden);
    expect(failures).toEqual([]);
    expect(checked).toEqual({
      ...hidden,
      plan: ["known once the resources before it are made"],
      ready: false,
    });
  });

  test("everything that is wrong is named at once, under no property, without a secret", async () => {
    const bad = {
      node: "a b",
      home: "relative",
      backupDirectory: "/b/..",
      connection: { hots: CANARY, password: CANARY },
    };
    const given = inputs()[name];
    const wrong = Object.fromEntries(
      Object.entries(given).map(([key, value]) => {
        if (key === "managers") return [key, [bad, bad]];
        return typeof value === "object" && value !== null ? [key, bad] : [key, value];
      }),
    );
    const { failures } = await host.check({}, { ...wrong, incident: "../x" });
    expect(failures.length).toBeGreaterThanOrEqual(6);
    expect(failures.map(([property]) => property).join("")).toBe("");
    const text = failures.map(([, reason]) => reason).join("\n");
    for (const part of ['"../x" cannot name an incident', '"a b" is not a node name', "connection.hots"])
      expect(text).toContain(part);
    expect(text).not.toContain(CANARY);
  });

  test("what is missing altogether is a problem, not a crash", async () => {
    const { failures } = await host.check({}, frame(name, {}));
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.map(([, reason]) => reason).join()).not.toMatch(/"undefined"|Cannot read/);
  });

  test("a look at a host that refuses is a line of the plan", async () => {
    const given = JSON.parse(
      JSON.stringify(inputs()[name]).replaceAll(server.hostKey().split(" ")[1]!, OTHER_KEY),
    );
    const { inputs: checked, failures } = await host.check({}, given);
    expect(failures).toEqual([]);
    expect(JSON.stringify(checked.plan)).toContain("host key");
  });

  test("a new incident replaces, credentials and provider text do not count", async () => {
    const state = { ...inputs()[name], plan: [], observed: "manager_1@10.0.0.11" };
    const rotated = JSON.parse(JSON.stringify(state).replaceAll(CANARY, "another"));
    expect(await host.diff(state, { ...rotated, plan: ["x"] })).toEqual({ changes: false, replaces: [] });
    expect(await host.diff(state, { ...state, incident: "two" })).toEqual({
      changes: true,
      replaces: ["incident"],
    });
  });

  test("a delete forgets: no host is looked at", async () => {
    const logins = server.logins();
    await host.delete(inputs()[name]);
    expect(server.logins()).toBe(logins);
  });
});

/** The public half of a key that no server here has. */
const OTHER_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

describe("a resource's life", () => {
  const partner = "manager_1@10.0.0.12";

  test("checked, made, read, changed behind its back, and updated", async () => {
    const home = await homeOf("manager_3");
    await mkdir(join(root, "backups", "production-one"), { recursive: true });
    const given = frame("managerPartnerConfig", { manager: target("manager_3", home), partner });
    const { inputs: checked } = await host.check({}, given);
    expect(checked.plan).toEqual([
      expect.stringContaining(`  change one line of ${home}/etc/leo_manager.conf on `),
      "  @@ -2,0 +3 @@",
      `+manager.partner = ${partner}`,
    ]);
    expect(await readFile(join(home, "etc/leo_manager.conf"), "utf8")).not.toContain("manager.partner");

    const { id, properties } = await host.create(checked);
    expect(id).toBe("production/one");
    expect(properties).toMatchObject({ ...given, plan: [], observed: partner });
    expect(await host.diff(properties, checked)).toEqual({ changes: false, replaces: [] });
    // A look is shared for some seconds by all resources of a preview.
    await vi.waitFor(async () => expect((await host.check(checked, given)).inputs.plan).toEqual([]), {
      timeout: 20_000,
      interval: 200,
    });

    await writeFile(join(home, "etc/leo_manager.conf"), "manager.partner = a@b\n");
    const seen = await host.read(properties);
    expect(seen).toMatchObject({ ...properties, observed: "a@b" });
    expect(await host.diff(seen, checked)).toEqual({ changes: true, replaces: [] });
    expect(await host.update(seen, checked)).toMatchObject({ plan: [], observed: partner });
  });

  test("its progress is told to the engine, under its name", () => {
    const said = host.log.filter(({ message }) => message.includes("manager.partner ="));
    expect(said.length).toBeGreaterThan(0);
    for (const one of said) expect(one).toMatchObject({ urn: URN, ephemeral: false });
  });

  test("other subjects under the same incident are refused", async () => {
    const given = frame("managerPartnerConfig", { manager: target("manager_3"), partner });
    const { failures } = await host.check(given, { ...given, partner: "manager_9@10.0.0.19" });
    expect(failures).toEqual([
      ["", expect.stringContaining("partner changed while the incident is still one")],
    ]);
  });

  test("a create that fails halfway keeps the resource: id, properties with the provider, the whole reason", async () => {
    const home = await homeOf(
      "manager_4",
      `nodename = manager_4@10.0.0.11\nmanager.partner = a@b # c\nbroken line\n`,
    );
    const given = frame("managerPartnerConfig", { manager: target("manager_4", home), partner });
    const { message, kept } = await failure(host.create(given));
    expect(kept).toEqual({ id: "production/one", properties: given, reasons: [message] });
    expect(message).toMatch(/line 3 has no `=`.*Nothing was changed\.$/s);
    expect(message).not.toMatch(/\n\s+at /);
    // What the state keeps then is enough for the next steps of the engine.
    await host.delete(kept!.properties);
    expect(await host.diff(kept!.properties, given)).toMatchObject({ replaces: [] });
    await homeOf("manager_4");
    await mkdir(join(root, "backups", "production-one"), { recursive: true });
    expect(await host.update(kept!.properties, given)).toMatchObject({ observed: partner });
  });

  test("a create that fails before it touched anything leaves nothing", async () => {
    const gone = target("manager_5", join(root, "manager_5"), { connection: { ...connection(), port: 1 } });
    const { message, kept } = await failure(
      host.create(frame("managerPartnerConfig", { manager: gone, partner })),
    );
    expect(kept).toBeUndefined();
    expect(message).toContain(server.address);
  });

  test("a read that cannot know says so", async () => {
    const gone = target("manager_5", join(root, "manager_5"), { connection: { ...connection(), port: 1 } });
    const { message } = await failure(host.read(frame("managerPartnerConfig", { manager: gone, partner })));
    expect(message).toContain(server.address);
  });

  test("files are backed up and cleared, and a second create adopts them", async () => {
    const home = await homeOf("manager_6", "nodename = manager_6@10.0.0.11\n");
    const mnesia = join(home, "work/mnesia/127.0.0.1");
    await mkdir(mnesia, { recursive: true });
    await writeFile(join(mnesia, "schema.DAT"), "data");
    await chmod(mnesia, 0o750);
    const manager = target("manager_6", home);
    const given = frame("mnesiaBackup", { kind: "files", clear: true, manager });
    const made = await host.create((await host.check({}, given)).inputs);
    expect(made.properties).toMatchObject({ node: manager.node, bytes: 4, movedTo: `${mnesia}.one` });
    expect(await readdir(mnesia)).toEqual([]);
    const again = await host.create((await host.check({}, given)).inputs);
    expect(again.properties).toMatchObject({ path: made.properties.path, movedTo: `${mnesia}.one` });
    await host.delete(made.properties);
    expect(await readFile(join(String(made.properties.path), "mnesia/schema.DAT"), "utf8")).toBe("data");
  });
});

test("nothing of all this showed a secret: not printed, not logged", () => {
  const key = server.connection.privateKey!.split("\n")[1]!;
  for (const text of [host.printed, JSON.stringify(host.log)]) {
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain(key);
  }
  expect(host.printed.split("\n").filter((line) => /^\s+at /.test(line))).toEqual([]);
});
