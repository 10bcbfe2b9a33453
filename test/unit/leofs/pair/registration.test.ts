import { describe, expect, test } from "vitest";
import { type Manifest, sameRing } from "../../../../leofs/incident/backups/manifest";
import { strays } from "../../../../leofs/pair/followers";
import { nextSteps, tellPeers } from "../../../../leofs/pair/nextSteps";
import { managerRegistration } from "../../../../providers/managerRegistration";
import type { ManagerRegistrationInputs } from "../../../../providers/registration/managerRegistrationTypes";
import { Session } from "../../../../providers/session/session";
import { MASTER, NEW, SLAVE, storage, view } from "../../support/views";

const registration = managerRegistration(new Session());

describe("nodes that follow others", () => {
  test.each<[string, string[] | undefined, boolean, boolean]>([
    ["the pair", [MASTER, SLAVE], true, false],
    ["the old pair", [MASTER, NEW], true, true],
    ["the pair in the other order", [SLAVE, MASTER], true, true],
    ["nobody", [], true, true],
    ["somebody unknown, because it does not answer", undefined, false, false],
  ])("%s", (_, follows, answers, stray) => {
    const node = { ...storage("storage_0"), follows, answers };
    expect(strays([node], [MASTER, SLAVE])).toEqual(stray ? [node] : []);
  });
});

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

describe("drift of a registration", () => {
  const target = (node: string) => ({ node, home: "/h", backupDirectory: "/b", connection: { host: "h" } });
  const inputs: ManagerRegistrationInputs = {
    cluster: "c",
    incident: "i",
    managers: [target(MASTER), target(SLAVE)],
    baseline: "",
    expected: "",
    sameNames: false,
  };
  const state = {
    ...inputs,
    verdict: "recovered",
    followers: { "storage_0@a": `${MASTER}, ${SLAVE}` },
    provenAt: "2026-11-22T10:00:00.000Z",
    down: [],
    strangers: [],
    debt: [],
    nextSteps: [],
    ring: "",
    outageSeconds: 1,
    evidence: [],
  };

  test.each<[string, object, boolean]>([
    ["none", {}, false],
    ["none: the pair in the other order", { followers: { s: `${SLAVE}, ${MASTER}` } }, false],
    ["none: a node that does not answer", { followers: { s: "no answer" } }, false],
    ["a node that follows others", { followers: { s: `${MASTER}, ${NEW}` } }, true],
    ["a manager that is down", { down: [SLAVE] }, true],
    ["a manager beyond the pair", { strangers: ["manager_9@a"] }, true],
    ["debt, which the next up pays", { debt: ["storage_1 does not answer"] }, true],
    [
      "none known: a create that failed half way",
      { followers: undefined, down: undefined, debt: undefined },
      false,
    ],
  ])("%s", (_, change, drifted) => {
    expect(registration.drifted({ ...state, ...change }, inputs)).toBe(drifted);
  });

  test("the subjects are the two managers, whatever is known of a dump", () => {
    const later = { ...inputs, baseline: "/b/dump", sameNames: true };
    expect(registration.identity(later)).toEqual(registration.identity(inputs));
    const other = {
      ...inputs,
      managers: [target(MASTER), target(NEW)] as [(typeof inputs.managers)[0], (typeof inputs.managers)[1]],
    };
    expect(registration.identity(other)).not.toEqual(registration.identity(inputs));
  });
});

test("the ring of the dump is what it was before only while its tables did not change until the stop", () => {
  const manifest = (current: string): Manifest => ({
    schemaVersion: 1,
    kind: "dump",
    node: "manager_1@10.0.0.12",
    role: "slave",
    version: "1.4.4",
    incident: "one",
    takenAt: "",
    files: [],
    tables: { leo_ring_cur: { rows: 1, sha256: current }, leo_ring_prv: { rows: 1, sha256: "p" } },
  });
  expect(sameRing(manifest("a"), manifest("a"))).toBe(true);
  expect(sameRing(manifest("a"), undefined)).toBe(true);
  expect(sameRing(manifest("a"), manifest("b"))).toBe(false);
});
