import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ManagerTarget } from "../../providers/targets/arguments";
import { closeAll } from "../../remote/ssh/pool";
import { takeoverSettings } from "../../sandbox/stackSettings";
import { type LossyWire, lossyWire } from "../remote/lossyWire";
import { type SlowLink, slowLink, type Target } from "../remote/slowLink";
import { rowsOf } from "./support/clusterFacts";
import { planned, sandboxForFile, takeoverInputs } from "./support/refusalRig";
import { stackForFile } from "./support/stackRuns";

const PERCENT = 5;
const sandbox = sandboxForFile({ storages: 1, gateways: 1 });
const stack = stackForFile();
const names = { lost: "manager_0", survivor: "manager_1", replacement: "manager_2" };
const links: SlowLink[] = [];
let wire: LossyWire | undefined;

beforeAll(async () => {
  wire = await lossyWire(PERCENT);
  await sandbox().lose("master");
  await sandbox().spare();
});
afterAll(async () => {
  closeAll();
  for (const link of links) await link.stop();
  await wire?.stop();
});

/** Puts a manager's host behind a link of its own. */
async function moveAway(
  { connection }: Pick<ManagerTarget, "connection">,
  oneWayMs: number,
  lossy: boolean,
): Promise<void> {
  const { host, port = 22 } = connection;
  const target: Target = lossy && wire ? { path: await wire.to(host, port) } : { host, port };
  const link = await slowLink(target, oneWayMs);
  links.push(link);
  Object.assign(connection, { host: link.host, port: link.port });
}

describe("hosts that are far away", () => {
  it("are seen in preview even where the way there and back takes 400 ms", async () => {
    const inputs = takeoverInputs(sandbox(), names);
    for (const target of inputs.managers) await moveAway(target, 200, false);
    const plan = await planned(inputs);
    expect(plan).not.toMatch(/NOT REACHED|REFUSED|cannot/);
    expect(plan).toMatch(/manager_1@\S+ .* runs \(process \d+\), 22 tables/);
  });

  it("are recovered over a link of 200 ms there and back that loses packets where the machine can do that", async () => {
    const before = await rowsOf(sandbox(), "manager_1");
    const settings = takeoverSettings(sandbox().description, "far-away") as {
      takeover: Record<"survivor" | "replacement", ManagerTarget>;
    };
    const { survivor, replacement } = settings.takeover;
    for (const target of [survivor, replacement]) await moveAway(target, 100, true);
    await stack.configure({ production: settings });
    const preview = await stack.preview();
    expect(preview.errors).toEqual([]);
    const run = await stack.up();
    expect(run.errors).toEqual([]);
    const outcome = run.outcome.production;
    expect(outcome?.verdict).toBe("recovered");
    console.log(`outage ${outcome?.outageSeconds} s, ${wire?.dropped() ?? "no"} packets lost`);
    for (const name of ["manager_1", "manager_2"]) expect(await rowsOf(sandbox(), name)).toEqual(before);
    if (wire) expect(wire.dropped()).toBeGreaterThan(0);
  });
});
