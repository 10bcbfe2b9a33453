import type { automation } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { type Engine, firstEngine, type Way } from "../../../tools/engine";

const engine: Engine = {
  command: {} as automation.PulumiCommand,
  version: "3.259.0",
  how: "built",
  directory: "/somewhere/bin",
};
const dead = (name: string, reason: string): Way => ({
  name,
  find: async () => {
    throw new Error(reason);
  },
});

describe("firstEngine", () => {
  it("takes the first way that works and says in one line why each before it did not", async () => {
    const lines: string[] = [];
    const ways = [
      dead("on the PATH", "3.1.0 is older than 3.216.0\nat a stack"),
      { name: "built", find: async () => engine },
      dead("never", "asked"),
    ];
    expect(await firstEngine(ways, (line) => lines.push(line))).toBe(engine);
    expect(lines).toEqual([
      "no Pulumi engine by this way: on the PATH: 3.1.0 is older than 3.216.0",
      "Pulumi engine 3.259.0 (built): /somewhere/bin",
    ]);
  });

  it("names every way, its reason and what to install when none works", async () => {
    const ways = [
      dead("on the PATH", "there is none"),
      dead("installer", "no internet"),
      dead("build", "no `go`"),
    ];
    const error = await firstEngine(ways, () => {}).catch((reason: Error) => reason);
    expect(String(error)).toMatch(
      /on the PATH: there is none[\s\S]*installer: no internet[\s\S]*build: no `go`[\s\S]*Install Pulumi 3\.216\.0 or newer[\s\S]*Go 1\.25/,
    );
  });
});
