import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { startHost, stopHost } from "../../sandbox/sshHosts";
import { inPlaceSettings, takeoverSettings } from "../../sandbox/stackSettings";
import { pidsOf } from "./support/clusterFacts";
import { changesSince, pictureAtRest } from "./support/picture";
import { expectReadable, sandboxForFile } from "./support/refusalRig";
import { type StackRun, stackForFile } from "./support/stackRuns";

const east = sandboxForFile({ gateways: 0 });
const west = sandboxForFile({ gateways: 0 });
const stack = stackForFile();
/** In the way of the western takeover: a replacement that is none. */
const obstacle = () => join(west().manager("manager_2").home, "work", "mnesia", "127.0.0.1", "schema.DAT");
/** In the way of its partner's name, once both of its managers are stopped. */
const staged = () => join(west().manager("manager_2").home, "etc", "leo_manager.conf.leofs-recovery-staged");
const configure = () =>
  stack.configure({
    east: inPlaceSettings(east().description, "east-damaged", "slave"),
    west: takeoverSettings(west().description, "west-lost"),
  });

const pidsOfEast = () => Promise.all(["manager_0", "manager_1"].map((name) => pidsOf(east(), name)));
const of = (cluster: string, { operations }: StackRun) =>
  Object.entries(operations).filter(([name]) => name.startsWith(`${cluster}-`));

describe("two clusters in one stack, of which one cannot be recovered", () => {
  beforeAll(async () => {
    await east().damage("slave");
    await west().lose("master");
    await west().spare();
    await mkdir(join(obstacle(), ".."), { recursive: true });
    await writeFile(obstacle(), "rows of somebody");
    await configure();
  });

  /** A run in which only the western cluster fails, for its own reason and without a change there. */
  async function westIsRefused(up: () => Promise<StackRun>): Promise<StackRun> {
    const before = await pictureAtRest(west());
    const run = await up();
    expect(run.succeeded).toBe(false);
    expect(run.errors.join("\n")).toMatch(
      /the takeover of west is refused, nothing was changed on any host:\n.*manager_2@\S+ already holds Mnesia files/,
    );
    for (const error of run.errors) {
      expect(error).not.toMatch(/east/);
      expectReadable(west(), error);
    }
    expect(await changesSince(west(), before)).toEqual([]);
    return run;
  }

  it("names the refused one, also where the engine stops at the first failure", async () => {
    await westIsRefused(() => stack.up());
  });

  it("recovers the other although the one is refused, with --continue-on-error", async () => {
    const run = await westIsRefused(() => stack.up({ continueOnError: true }));
    expect(run.operations).toMatchObject({ "east-registration": "create" });
    for (const role of ["master", "slave"]) expect(await east().tablesOnDisc(role)).toBe(22);
  });

  it("leaves the other alone while the one fails half-way", async () => {
    await rm(obstacle());
    const pids = await pidsOfEast();
    await mkdir(staged());
    const run = await stack.up({ continueOnError: true });
    expect(run.succeeded).toBe(false);
    const errors = run.errors.join("\n");
    expect(errors).toMatch(/manager_2\/etc\/leo_manager\.conf could not be changed: .*It is as it was/);
    for (const error of run.errors) expectReadable(west(), error);
    expect(of("east", run).filter(([, operation]) => operation !== "same")).toEqual([]);
    expect(run.operations).not.toHaveProperty("west-registration");
    expect(await pidsOfEast()).toEqual(pids);
  });

  it("finishes the rest with the next up, and touches nothing that was done", async () => {
    await rmdir(staged());
    const pids = await pidsOfEast();
    const run = await stack.up();
    expect(run.errors).toEqual([]);
    expect(run.outcome.west?.verdict).toBe("recovered");
    expect(run.outcome.east?.verdict).toBe("recovered");
    expect(of("east", run).filter(([, operation]) => operation !== "same")).toEqual([]);
    expect(await pidsOfEast()).toEqual(pids);
    for (const name of ["manager_1", "manager_2"]) expect(await west().tablesOnDisc(name)).toBe(22);
  });

  it("refreshes, and goes on, while a host of the one that is over is dead", async () => {
    const { directory } = east();
    const dead = east().manager("manager_1");
    await east().stopManager("manager_1");
    await stopHost({ directory, name: "manager_1" });
    const refreshed = await stack.refresh();
    expect(refreshed.errors).toEqual([]);
    const said = refreshed.eventLog;
    expect(said).toMatch(/manager_1@\S+ was proven at \S+ and cannot be looked at now: /);
    expect(said).toMatch(/cannot be looked at now: .*What the state says of it was seen earlier/);
    expect(said).not.toMatch(/NOT SO ANY MORE: manager_1@[\d.]+ is down/);
    await stack.configure({
      east: inPlaceSettings(east().description, "east-damaged", "slave"),
      west: { ...takeoverSettings(west().description, "west-lost"), accept: ["rebalance"] },
    });
    const run = await stack.up();
    expect(run.errors).toEqual([]);
    expect(of("east", run).filter(([, operation]) => operation !== "same")).toEqual([]);
    expect(run.outcome.east?.verdict).toBe("recovered");
    expect(await east().isRunning("manager_1")).toBe(false);
    await startHost(east().tools, {
      directory,
      name: "manager_1",
      address: dead.address,
      port: dead.sshPort,
    });
  });
});
