import { describe, expect, test } from "vitest";
import { managerRegistration } from "../../../../providers/managerRegistration";
import type { ManagerRegistrationInputs } from "../../../../providers/registration/managerRegistrationTypes";
import { Session } from "../../../../providers/session/session";
import { MASTER, NEW, SLAVE } from "../../support/views";

const registration = managerRegistration(new Session());

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
