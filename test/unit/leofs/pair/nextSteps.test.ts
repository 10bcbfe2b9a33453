import { expect, test } from "vitest";
import { nextSteps, tellPeers } from "../../../../leofs/pair/nextSteps";
import { MASTER, NEW, SLAVE, view } from "../../support/views";

test("what is left for a person: a line for the conf of each node", () => {
  const pair = { master: view({ node: MASTER }).manager, slave: view({ node: NEW, role: "slave" }).manager };
  const steps = nextSteps(pair, [
    { node: "storage_0@a", type: "storage" },
    { node: "gateway_0@b", type: "gateway" },
  ]);
  const line = `managers = [${MASTER}, ${NEW}]`;
  expect(steps[0]).toContain(`on the host of storage_0@a: set "${line}" in etc/leo_storage.conf`);
  expect(steps[1]).toContain(`on the host of gateway_0@b: set "${line}" in etc/leo_gateway.conf`);
});

test("what is left to do in clusters that this one replicates with: two commands for each", () => {
  const survivor = view({ node: SLAVE, role: "slave" }).manager;
  const pair = { master: view({ node: NEW, role: "master" }).manager, slave: survivor };
  const peers = { leofs_2: ["manager_0@192.0.2.1", "manager_1@192.0.2.2"] };
  expect(tellPeers(pair, peers, MASTER, survivor)).toEqual([
    `on manager_0@192.0.2.1 of leofs_2, which knows ${MASTER}: leofs-adm remove-cluster ${MASTER}:13075 ${SLAVE}:13076`,
    `then, on manager_0@192.0.2.1 of leofs_2: leofs-adm join-cluster ${NEW}:13075 ${SLAVE}:13076`,
  ]);
  expect(tellPeers(pair, {}, MASTER, survivor)).toEqual([]);
});
