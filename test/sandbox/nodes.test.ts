import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../sandbox/commands";
import { endAll, processesOfHome } from "../../sandbox/processes";
import { sandboxForThisFile } from "./testSandbox";

describe("storage and gateway nodes", () => {
  const sandbox = sandboxForThisFile();
  let managers: string[];

  beforeAll(() => {
    managers = [sandbox().manager("master").node, sandbox().manager("slave").node];
  });

  const node = (name: string) => sandbox().description.nodes[name]!;
  const conf = (name: string) => join(node(name).home, "etc", `leo_${node(name).type}.conf`);
  const row = async (name: string) =>
    (await sandbox().status()).managers.manager_0!.nodes.find((one) => one.node === node(name).node);
  const untilRow = (name: string, state: string) =>
    eventually(`${name} ${state}`, 20_000, async () =>
      (await row(name))?.state === state ? true : undefined,
    );

  it("follow the managers of their conf and have the managers' ring", async () => {
    const { nodes, managers: looked } = await sandbox().status();
    const hash = looked.manager_0!.ringHash;
    expect(hash).toMatch(/^[0-9a-f]{8}$/);
    expect(looked.manager_1!.ringHash).toBe(hash);
    expect(Object.keys(nodes)).toEqual(["storage_0", "storage_1", "gateway_0"]);
    for (const one of Object.values(nodes)) expect([one.managers, one.ringHash]).toEqual([managers, hash]);
  });

  it("take update-managers in memory only, any name at all; a restart brings the conf's names back", async () => {
    const before = readFileSync(conf("storage_0"), "utf8");
    expect(await sandbox().console("master", "update-managers foo bar baz")).toBe("OK\r\n");
    for (const name of ["storage_0", "storage_1", "gateway_0"])
      expect(await sandbox().managersFollowed(name)).toEqual(["foo", "bar"]);
    expect(readFileSync(conf("storage_0"), "utf8")).toBe(before);
    expect(await sandbox().controlNode("storage_0", "stop")).toMatchObject({ code: 0, stdout: "ok\n" });
    await sandbox().startNode("storage_0");
    expect(await sandbox().managersFollowed("storage_0")).toEqual(managers);
    expect(await sandbox().console("master", `update-managers ${managers.join(" ")}`)).toBe("OK\r\n");
    expect(await sandbox().managersFollowed("storage_1")).toEqual(managers);
  });

  it("update what they can reach when a gateway is gone: an empty reply, the others told", async () => {
    await endAll(() => processesOfHome(node("gateway_0").home));
    expect(await sandbox().console("master", "update-managers new_0@h new_1@h")).toBe("");
    expect(await sandbox().managersFollowed("storage_1")).toEqual(["new_0@h", "new_1@h"]);
    await sandbox().startNode("gateway_0");
    await untilRow("gateway_0", "running");
    expect(await sandbox().console("master", `update-managers ${managers.join(" ")}`)).toBe("OK\r\n");
  });

  it("do not come up when one manager of the conf does not answer: start exits 0, the log says why", async () => {
    const before = readFileSync(conf("storage_1"), "utf8");
    expect(await sandbox().controlNode("storage_1", "stop")).toMatchObject({ stdout: "ok\n" });
    await untilRow("storage_1", "stop");
    const ghost = "manager_9@127.0.0.1";
    writeFileSync(conf("storage_1"), `${before}managers = [${managers[0]}, ${ghost}]\n`);
    expect(await sandbox().controlNode("storage_1", "start")).toMatchObject({ code: 0, stdout: "" });
    const log = join(node("storage_1").home, "log/app/error");
    await eventually("the reason in the log", 20_000, () => {
      try {
        return readFileSync(log, "utf8").includes(`{error_nodes,['${ghost}']}]`) || undefined;
      } catch {
        return undefined;
      }
    });
    expect(readFileSync(log, "utf8")).toContain(
      "leo_storage_app:after_proc/1\t153\t[{cause,connection_failure},",
    );
    await eventually("its end", 20_000, async () =>
      (await sandbox().controlNode("storage_1", "ping")).code === 1 ? true : undefined,
    );
    expect(await row("storage_1")).toMatchObject({ state: "stop", ringHash: "" });
    writeFileSync(conf("storage_1"), before);
    await sandbox().startNode("storage_1");
    await untilRow("storage_1", "running");
  });

  it("are back soon after kill -9 of the beam alone: heart starts them", async () => {
    const beam = (await processesOfHome(node("storage_0").home)).find((one) => one.program === "beam.smp")!;
    process.kill(beam.pid, "SIGKILL");
    await eventually("another beam", 20_000, async () =>
      (await processesOfHome(node("storage_0").home)).some(
        (one) => one.program === "beam.smp" && one.pid !== beam.pid,
      )
        ? true
        : undefined,
    );
    await untilRow("storage_0", "running");
  });

  it("have LeoFS's script: messages and exit codes", async () => {
    const script = (...args: string[]) => sandbox().controlNode("gateway_0", ...args);
    expect(await script("ping")).toMatchObject({ code: 0, stdout: "pong\n" });
    expect(await script("start")).toMatchObject({ code: 1, stdout: "Node is already running!\n" });
    expect(await script("dump-mnesia-data", "/tmp/x")).toMatchObject({
      code: 1,
      stdout: "Only leo_manager supports {dump-mnesia-data|load-mnesia-data} commands\n",
    });
    expect(await script("status")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("Usage: leo_gateway"),
    });
  });

  it("go on while the managers are down, and are known again when these are back", async () => {
    for (const role of ["slave", "master"]) await sandbox().stopManager(role);
    expect(await sandbox().managersFollowed("storage_0")).toEqual(managers);
    for (const role of ["master", "slave"]) await sandbox().startManager(role);
    await sandbox().waitForPair();
    for (const name of ["storage_0", "storage_1", "gateway_0"]) await untilRow(name, "running");
  });
});
