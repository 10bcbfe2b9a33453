import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import type { LeofsResource } from "../../../providers/contract/resource";
import { move } from "../../../recovery/move";
import { numberedPlan } from "../../../recovery/plan";
import { pairOf } from "../../../recovery/recipe";

const resource = (plan: string[] | undefined, ready?: boolean): LeofsResource =>
  ({ plan: pulumi.output(plan), ready: pulumi.output(ready) }) as unknown as LeofsResource;
const done = () => resource([]);
const open = (ready = false) => resource(["does it"], ready);
const planOf = (...steps: Parameters<typeof numberedPlan>[1]): Promise<string[]> =>
  new Promise((resolve) => numberedPlan({} as pulumi.Resource, steps, "").apply(resolve));

const CASES: [string, LeofsResource[], boolean][] = [
  ["nothing that waits for it is done, or finds it done", [open(), open()], false],
  ["one of two that wait for it is not done", [done(), open()], false],
  ["all that wait for it are done", [done(), done()], true],
  ["what waits for it finds that it is done", [open(true), done()], true],
  ["what waits for it is left out of this run", [resource(undefined)], false],
];

test.each(CASES)("a service step when %s", async (_, followers, marked) => {
  const [line] = await planOf({ title: "stop it", followers }, { title: "load", resource: open() });
  expect(line).toBe(`1. stop it${marked ? " - done" : ""}`);
});

test("a plan of which everything is done is empty, whatever a service step says", async () => {
  expect(
    await planOf({ title: "stop it", followers: [open()] }, { title: "load", resource: done() }),
  ).toEqual([]);
});

test("each partner step of an online recovery names the manager whose conf it changes", () => {
  const target = (node: string) => ({
    node,
    home: "/leofs",
    connection: { host: "h", user: "u" },
    backupDirectory: "/backups",
  });
  const [from, stays, to] = ["from@a", "stays@b", "to@c"].map(target);
  const recipe = move({ cluster: "c", incident: "i", from: from!, stays: stays!, to: to! });
  const pair = pairOf(recipe, { good: 0, master: 0, why: "" });
  const titles = recipe.steps.filter(({ name }) => name.endsWith("partner")).map(({ title }) => title);
  expect(titles.map((title) => (typeof title === "function" ? title(pair) : title))).toEqual([
    "partner of stays@b",
    "partner of to@c",
  ]);
});
