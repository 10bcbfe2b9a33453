import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { ManagerTarget } from "../../../providers/arguments";
import { InPlaceRecovery } from "../../../recovery/inPlaceRecovery";
import { Takeover } from "../../../recovery/takeover";
import { commandLine } from "../../../remote";
import type { Declared, Outputs } from "../../../robustness/simulation/engine";
import { inPlace, takeover } from "../../../robustness/simulation/recipes";
import { settled, watching } from "../support/declaring";

/**
 * The simulation plays recoveries without Pulumi's SDK, by recipes of its own: they must be what the components
 * declare, or the simulation says nothing about them.
 */

const COMMON = { cluster: "production", incident: "one" };
const LOST = "manager_0@gone";
const manager = (index: number): ManagerTarget => ({
  node: `manager_${index}@10.0.0.1${index}`,
  home: `/leofs/leo_manager_${index}`,
  backupDirectory: "/backups",
  connection: { host: `10.0.0.1${index}`, user: "leofs", password: "biscuit", hostKey: "ssh-ed25519 AAAA" },
});
const [M0, M1] = [manager(0), manager(1)];

/** A resource as it was declared: all that a run of it depends on. */
interface Seen {
  after: string[];
  what: string;
  inputs: unknown;
}

let choice = { good: 0, master: 0, why: "" };
let finalDump = "";
let registered: Record<string, Seen> = {};
const after: Record<string, string[]> = {};

/** Outputs by which it is told whose they are. */
const outputsOf = (name: string): Outputs => ({ path: `/backups/${name}`, finalDump, choice });

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        if (!type.startsWith("leofs:recovery:")) registered[name] = declared(type, name, inputs);
        const state = { ...inputs, plan: [], ...outputsOf(name), verdict: "recovered", evidence: [] };
        return { id: name, state };
      },
      call: () => ({}),
    },
    "leofs-recovery",
    "test",
  );
});
beforeEach(() => {
  registered = {};
});

const SECRET = "4dabf18193072939515e22adb298388d";
/** Values of secrets in their places; what is not given is not there. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, one) =>
    one && typeof one === "object" && SECRET in one ? one.value : one,
  );

function declared(type: string, name: string, given: Outputs): Seen {
  if (type === "command:remote:Command")
    return {
      after: after[name]!,
      what: `service command at ${(plain(given.connection) as { host: string }).host}`,
      inputs: given.create,
    };
  // The provider's own text, the resource's name for progress, and names of outputs.
  const { __provider, resourceUrn, ...inputs } = given;
  const kind = type.split(":").at(-1)!;
  return { after: after[name]!, what: kind[0]!.toLowerCase() + kind.slice(1), inputs: plain(inputs) };
}

/** Notes whom each resource waits for. */
const noting = () =>
  watching((name, waitsFor) => {
    after[name] = waitsFor;
  });

/** What a recipe declares; fails when it reads of a resource that it does not wait for. */
function played(recipe: readonly Declared[]): Record<string, Seen> {
  const waited = new Map<string, Set<string>>();
  const seen: Record<string, Seen> = {};
  for (const { name, after: before, make } of recipe) {
    const all = new Set(before.flatMap((one) => [one, ...waited.get(one)!]));
    waited.set(name, all);
    const known = Object.fromEntries([...all].map((one) => [one, outputsOf(one)]));
    const made = make(known);
    seen[name] = {
      after: [...before],
      ...("script" in made
        ? {
            what: `service command at ${made.target.connection.host}`,
            inputs: commandLine(made.script, made.args),
          }
        : { what: made.provider, inputs: plain(made.inputs) }),
    };
  }
  return seen;
}

/** Both without what is as good as absent, and in no order. */
const comparable = (seen: Record<string, Seen>) =>
  Object.fromEntries(
    Object.entries(seen).map(([name, one]) => [name, { ...one, after: [...one.after].sort() }]),
  );

const CASES = [
  [0, ""],
  [1, "/backups/final"],
] as const;

test.each(CASES)(
  "a takeover is played as the component declares it (master %i, final dump %j)",
  async (side, dump) => {
    choice = { good: 0, master: side, why: "" };
    finalDump = dump;
    const [survivor, replacement] = [M0, M1];
    const made = new Takeover("p", { ...COMMON, lost: LOST, survivor, replacement }, noting());
    await settled(made.outcome);
    expect(shortened(registered)).toEqual(comparable(played(takeover(COMMON, LOST, survivor, replacement))));
  },
);

test.each([0, 1, "auto"] as const)(
  "an in-place recovery is played as the component declares it (donor %s)",
  async (donor) => {
    for (const [good, dump] of CASES) {
      if (donor !== "auto" && donor !== good) continue;
      choice = { good, master: 0, why: "" };
      finalDump = dump;
      registered = {};
      const made = new InPlaceRecovery("p", { ...COMMON, managers: [M0, M1], donor }, noting());
      await settled(made.outcome);
      expect(shortened(registered)).toEqual(comparable(played(inPlace(COMMON, [M0, M1], donor))));
    }
  },
);

/** The names as a recipe has them. */
function shortened(seen: Record<string, Seen>): Record<string, Seen> {
  const text = JSON.stringify(comparable(seen)).replace(/(["/])p-/g, "$1");
  return JSON.parse(text) as Record<string, Seen>;
}
