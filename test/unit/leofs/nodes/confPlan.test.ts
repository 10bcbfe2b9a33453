import { expect, test } from "vitest";
import { type ConfFinding, confPlan } from "../../../../leofs/nodes/confPlan";
import { lineText } from "../../../../leofs/planLine";

const PAIR = ["manager_2@a", "manager_1@b"];

const finding = (number: number, more: Partial<ConfFinding> = {}): ConfFinding => ({
  node: `storage_${number}@10.0.${number >> 8}.${number & 255}`,
  type: "storage",
  problems: [],
  file: "etc/leo_storage.conf",
  names: ["manager_0@c", "manager_1@b"],
  right: false,
  ...more,
});

test("hundreds of nodes are a few lines, what is odd among them each its own", () => {
  const many = Array.from({ length: 500 }, (_, number) => finding(number));
  expect(confPlan(many, PAIR)).toEqual([
    "confs of 500 nodes: managers = [manager_2@a, manager_1@b], now [manager_0@c, manager_1@b]; each original is kept on its host, no node is restarted",
    "500 storage nodes: change etc/leo_storage.conf (storage_0@10.0.0.0, storage_1@10.0.0.1, storage_2@10.0.0.2 and 497 more)",
  ]);
  const odd = [
    finding(600, {
      file: "etc/leo_storage.d/20.conf",
      beats: "etc/leo_storage.conf",
      link: "/ansible/20.conf",
    }),
    finding(601, { right: true }),
    {
      ...finding(602),
      node: "gateway_0@g",
      type: "gateway" as const,
      file: "/etc/leofs/leo_gateway/leo_gateway.conf",
    },
    finding(603, { problems: ["/x/leo_storage.conf line 3 has no `=`: complete it."] }),
    finding(604, { unreachable: "its host could not be reached" }),
    finding(605, { unreachable: "its host could not be reached" }),
  ];
  expect(
    confPlan([...many, ...odd], PAIR)
      .slice(2)
      .map(lineText),
  ).toEqual([
    "1 storage node: change etc/leo_storage.d/20.conf, which beats etc/leo_storage.conf, a symbolic link to /ansible/20.conf, which is changed; the link stays (storage_600@10.0.2.88)",
    "1 storage node: right already: etc/leo_storage.conf (storage_601@10.0.2.89)",
    "1 gateway node: change /etc/leofs/leo_gateway/leo_gateway.conf (gateway_0@g)",
    "hazard: confs not reached now, so debt: 2 nodes (storage_604@10.0.2.92, storage_605@10.0.2.93): its host could not be reached",
    "hazard: confs not to be changed as they are, so debt: 1 node (storage_603@10.0.2.91): /x/leo_storage.conf line 3 has no `=`: complete it.",
  ]);
});

test("reasons of many kinds are counted too", () => {
  const refused = Array.from({ length: 400 }, (_, number) =>
    finding(number, { problems: [`line ${number}`] }),
  );
  const plan = confPlan(refused, PAIR);
  expect(plan).toHaveLength(5);
  expect(lineText(plan.at(-1)!)).toBe(
    "hazard: confs not to be changed as they are, so debt: 397 nodes (storage_3@10.0.0.3, storage_4@10.0.0.4, storage_5@10.0.0.5 and 394 more): each for a reason of its own",
  );
});
