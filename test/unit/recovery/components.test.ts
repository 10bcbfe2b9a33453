import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { notingIn } from "../../../leofs/incident/journal";
import { START, STOP, startValues, stopValues } from "../../../leofs/manager/control";
import type { Role } from "../../../leofs/names";
import { ManagerPartnerConfig } from "../../../providers/managerPartnerConfig";
import type { ManagerTarget } from "../../../providers/targets/arguments";
import { InPlaceRecovery, Move, type Recovery, Takeover } from "../../../recovery/component";
import { commandOf } from "../../../remote/script";
import { settled, watching } from "../support/declaring";

const CANARY = "canary-5ecret";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const manager = (index: number): ManagerTarget => ({
  node: `manager_${index}@10.0.0.1${index}`,
  home: `/leofs/leo_manager_${index}`,
  runAs: "leofs",
  backupDirectory: "/backups",
  connection: { host: `10.0.0.1${index}`, password: CANARY, hostKey: "ssh-ed25519 AAAA" },
});
const [M0, M1, M2] = [manager(0), manager(1), manager(2)];

interface Registered {
  type: string;
  inputs: Record<string, unknown>;
  /** Names of the resources it waits for. */
  after: string[];
}

/** What the look of the first step decided, and the plans of the others. */
let choice = { good: 0, master: 0, why: "" };
let plan: string[] = [];
let finalDump = "";
let registered: Record<string, Registered> = {};

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        registered[name] = { type, inputs, after: registered[name]?.after ?? [] };
        const state = { ...inputs, plan: plan.map((line) => `${line} ${name}`), path: `/backups/${name}` };
        return {
          id: name,
          state: { ...state, choice, finalDump, verdict: "recovered", evidence: [name] },
        };
      },
      call: () => ({}),
    },
    "leofs-recovery",
    "test",
  );
});
afterEach(() => {
  registered = {};
  choice = { good: 0, master: 0, why: "" };
  plan = [];
  finalDump = "";
});

/** Notes whom each resource waits for. */
const noting = () =>
  watching((name, waitsFor) => {
    registered[name] = { ...(registered[name] ?? { type: "", inputs: {} }), after: waitsFor };
  });

const COPY_TO = {
  directory: "/copies",
  connection: { host: "10.0.0.99", password: CANARY, hostKey: "ssh-ed25519 AAAA" },
};

const FENCE = { home: "/leofs/leo_manager_0", connection: COPY_TO.connection };

const takeover = async (name = "p") => {
  const args = {
    fence: FENCE,
    copyTo: COPY_TO,
    cluster: "production",
    incident: "one",
    lost: "manager_0@gone",
    survivor: M1,
    replacement: M2,
  };
  const made = new Takeover(name, args, noting());
  await settled(made.outcome);
  return made;
};
const inPlace = async (donor: 0 | 1 | "auto" = "auto") => {
  const args = {
    cluster: "production",
    incident: "one",
    managers: [M0, M1] as [ManagerTarget, ManagerTarget],
    copyTo: COPY_TO,
    donor,
  };
  const made = new InPlaceRecovery("p", args, noting());
  await settled(made.outcome);
  return made;
};

test("each check of a program is told of all its pairs, as a secret", async () => {
  const more = { cluster: "more", incident: "one", managers: [M0, M1] as [ManagerTarget, ManagerTarget] };
  const made = [
    new InPlaceRecovery("one", { ...more, cluster: "one", donor: 0 }, noting()),
    new InPlaceRecovery("two", { ...more, cluster: "two", donor: "auto" }, noting()),
  ];
  for (const { outcome } of made) await settled(outcome);
  const pairs = ["one", "two"].map((cluster) => ({ cluster, incident: "one", managers: [M0, M1] }));
  for (const name of ["one-check", "two-check"]) {
    expect(JSON.parse(inputsOf(name).ahead as string)).toEqual(pairs);
    expect(isSecret(registered[name]!.inputs.ahead as Record<string, unknown>)).toBe(true);
  }
});

/** The shape of what was registered: `name: type <- what it waits for`. */
const shape = () =>
  Object.entries(registered)
    .filter(([, { type }]) => type !== "" && !type.startsWith("leofs:recovery:"))
    .map(([name, { type, after }]) => `${name}: ${type.split(":").at(-1)} <- ${[...after].sort().join(", ")}`)
    .sort();

/** What a provider gets: values of secrets in their places. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const record = value as Record<string, unknown>;
  if (isSecret(record)) return plain(record.value);
  return Object.fromEntries(Object.entries(record).map(([key, one]) => [key, plain(one)]));
}

const isSecret = (record: Record<string, unknown>): boolean =>
  Object.entries(SECRET).every(([key, sign]) => record[key] === sign);

const inputsOf = (name: string) => plain(registered[name]?.inputs) as Record<string, unknown>;

/** The lock that a service step respects, and whose it may be. */
const lockOf = ({ home }: typeof M0, other: typeof M0) => ({
  path: `${home}/work/leofs-recovery.lock`,
  incident: "production/one",
  breaks: `'rm -f ${other.home}/work/leofs-recovery.lock' on ${other.connection.host}`,
});
/** The command of a service step, which any login shell hands to `sh`. */
const createOf = (name: string): string => {
  const { create, stdin } = registered[name]!.inputs as { create: string; stdin: string };
  expect(create).toBe("exec sh");
  return stdin.replace(/^exec /, "").replace(/ <\/dev\/null\n$/, "");
};

describe("a takeover", () => {
  test("registers these resources, in this order", async () => {
    await takeover();
    expect(registered.p?.type).toBe("leofs:recovery:Takeover");
    expect(shape()).toEqual([
      "p-check: RecoveryCheck <- ",
      "p-dump: MnesiaBackup <- p-check",
      "p-load: MnesiaImport <- p-start-survivor",
      "p-registration: ManagerRegistration <- p-load",
      "p-replacement-files: MnesiaBackup <- p-dump, p-stop-replacement",
      "p-replacement-partner: ManagerPartnerConfig <- p-dump, p-stop-replacement",
      "p-start-replacement: Command <- p-start-survivor-if-master",
      "p-start-survivor-if-master: Command <- p-replacement-files, p-replacement-partner, p-survivor-files, p-survivor-partner",
      "p-start-survivor: Command <- p-start-replacement",
      "p-stop-replacement: Command <- p-check",
      "p-stop-survivor: Command <- p-dump",
      "p-survivor-files: MnesiaBackup <- p-replacement-files, p-stop-survivor",
      "p-survivor-partner: ManagerPartnerConfig <- p-stop-survivor",
    ]);
    expect(registered["p-dump"]?.type).toBe("pulumi-nodejs:dynamic/leofs:MnesiaBackup");
    expect(registered["p-stop-survivor"]?.type).toBe("command:remote:Command");
  });

  test("the survivor is started first only as the master, each with the other as its partner", async () => {
    await takeover();
    const incident = "/backups/production-one";
    const starts = (manager: ManagerTarget, other: ManagerTarget, only?: Role) =>
      commandOf(
        START,
        startValues(manager, {
          ready: `clear.${manager.node}.done`,
          partner: other.node,
          only,
          lock: lockOf(manager, other),
          incident,
        }),
      );
    expect(createOf("p-start-survivor-if-master")).toBe(starts(M1, M2, "master"));
    expect(createOf("p-start-replacement")).toBe(starts(M2, M1));
    expect(createOf("p-start-survivor")).toBe(starts(M1, M2));
  });

  test.each([
    ["", "/backups/p-dump"],
    ["/backups/final", "/backups/final"],
  ])("what is loaded is the last dump there is (from the files: %j)", async (last, loaded) => {
    finalDump = last;
    await takeover();
    expect(registered["p-load"]?.inputs.path).toBe(loaded);
  });

  test("a stop is past once the directory was cleared", async () => {
    await takeover();
    const values = stopValues(M1, {
      noting: notingIn("/backups/production-one"),
      past: `clear.${M1.node}.done`,
      lock: lockOf(M1, M2),
      side: "good",
    });
    expect(createOf("p-stop-survivor")).toBe(commandOf(STOP, values));
  });
});

test("whoever fences the lost manager, lifts it, or rolls back knows it", async () => {
  await takeover();
  const fence = { ...FENCE, node: "manager_0@gone" };
  for (const name of ["check", "load", "registration"])
    expect(inputsOf(`p-${name}`).fence, name).toEqual(fence);
});

describe("an in-place recovery", () => {
  test("registers these resources, in this order", async () => {
    await inPlace();
    expect(shape()).toEqual([
      "p-check: RecoveryCheck <- ",
      "p-copy: MnesiaImport <- p-donor-files",
      "p-damaged-files: MnesiaBackup <- p-stop-damaged",
      "p-donor-files: MnesiaBackup <- p-stop-donor",
      "p-donor-rows: MnesiaBackup <- p-copy",
      "p-dump: MnesiaBackup <- p-check",
      "p-registration: ManagerRegistration <- p-donor-rows, p-start-damaged, p-start-donor",
      "p-start-damaged: Command <- p-copy",
      "p-start-donor: Command <- p-copy",
      "p-stop-damaged: Command <- p-dump",
      "p-stop-donor: Command <- p-damaged-files",
    ]);
  });

  test.each([
    [0, M0, M1],
    [1, M1, M0],
  ])(
    "with good side %i the other one is stopped first, cleared, and filled",
    async (good, donor, damaged) => {
      choice = { good, master: 0, why: "" };
      await inPlace();
      expect(createOf("p-stop-damaged")).toContain(`'${damaged.node}'`);
      expect(createOf("p-stop-donor")).toContain(`'${donor.node}'`);
      expect(createOf("p-start-donor")).toContain(`'${donor.node}' '${donor.home}'`);
      expect(inputsOf("p-damaged-files")).toMatchObject({
        clear: true,
        manager: { node: damaged.node },
      });
      expect(inputsOf("p-donor-files").manager).toMatchObject({ node: donor.node });
      expect(inputsOf("p-donor-files")).not.toHaveProperty("clear", true);
      expect(inputsOf("p-copy")).toMatchObject({
        kind: "files",
        from: { node: donor.node },
        to: { node: damaged.node },
        path: "/backups/p-donor-files",
      });
    },
  );
});

describe("an online recovery", () => {
  const common = { cluster: "production", incident: "one" };
  const online = { ...common, method: "online" as const };
  const partners = ["p-replacement-partner", "p-serving-partner"];
  test.each<[string, () => Recovery, string[]]>([
    [
      "takeover",
      () => new Takeover("p", { ...online, lost: "manager_0@gone", survivor: M1, replacement: M2 }, noting()),
      partners,
    ],
    ["in place", () => new InPlaceRecovery("p", { ...online, managers: [M0, M1], donor: 1 }, noting()), []],
    ["move", () => new Move("p", { ...common, from: M0, stays: M1, to: M2 }, noting()), partners],
  ])("%s: registers these resources, in this order, and stops nobody who serves", async (_, made, named) => {
    await settled(made().outcome);
    expect(shape()).toEqual(
      [
        "p-check: RecoveryCheck <- ",
        "p-dump: MnesiaBackup <- p-check",
        "p-stop-other: Command <- p-dump",
        "p-other-files: MnesiaBackup <- p-stop-other",
        "p-replica: MnesiaImport <- p-other-files",
        ...named.map((name) => `${name}: ManagerPartnerConfig <- p-replica`),
        `p-start-other: Command <- ${["p-replica", ...named].sort().join(", ")}`,
        "p-registration: ManagerRegistration <- p-start-other",
      ].sort(),
    );
  });
});

describe("every recovery", () => {
  const commands = () => Object.values(registered).filter(({ type }) => type === "command:remote:Command");

  test.each([
    ["takeover", 5, () => takeover()],
    ["in place", 4, () => inPlace()],
  ] as const)(
    "%s: each of %i service steps runs once an incident; an update does nothing, a destroy neither",
    async (_, steps, make) => {
      await make();
      expect(commands()).toHaveLength(steps);
      for (const { inputs } of commands()) {
        expect(inputs).toMatchObject({ update: ":", triggers: ["one"], addPreviousOutputInEnv: false });
        expect(inputs).not.toHaveProperty("delete");
      }
    },
  );

  test.each([
    ["takeover", () => takeover()],
    ["in place", () => inPlace()],
  ])("%s: no credential is registered outside a secret", async (_, make) => {
    await make();
    let secrets = 0;
    /** The inputs without what is secret in them. */
    const bare = (value: unknown): unknown => {
      if (typeof value !== "object" || value === null) return value;
      if (isSecret(value as Record<string, unknown>)) {
        secrets += 1;
        return "[secret]";
      }
      if (Array.isArray(value)) return value.map(bare);
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bare(one)]));
    };
    for (const { inputs } of Object.values(registered))
      expect(JSON.stringify(bare(inputs))).not.toContain(CANARY);
    expect(secrets).toBeGreaterThanOrEqual(4);
  });

  test.each([
    ["takeover", ["check", "dump", "survivor-files", "replacement-files", "load"], () => takeover()],
    ["in place", ["check", "dump", "damaged-files", "donor-files", "copy"], () => inPlace()],
  ] as const)("%s: whatever may make a backup knows where its second copy goes", async (_, names, make) => {
    await make();
    for (const name of names) expect(inputsOf(`p-${name}`).copyTo, name).toEqual(COPY_TO);
  });

  test("the provider's text and the resource's own URN come along", async () => {
    await takeover();
    const { inputs } = registered["p-load"]!;
    expect(inputs.__provider).toMatch(/\("leofs-recovery\/provider"\)\.mnesiaImport;\n$/);
    expect(inputs.resourceUrn).toBe(
      "urn:pulumi:test::leofs-recovery::leofs:recovery:Takeover$pulumi-nodejs:dynamic/leofs:MnesiaImport::p-load",
    );
  });

  test("the plan numbers its steps and shows their details; when all is done it is empty", async () => {
    plan = ["look at"];
    const planned = await settled((await takeover()).plan);
    expect(planned.filter((line) => /^\d/.test(line))).toHaveLength(10);
    expect(planned.slice(0, 2)).toEqual(["1. check both managers", "     look at p-check"]);
    plan = [];
    registered = {};
    expect(await settled((await takeover("q")).plan)).toEqual([]);
  });

  test("the outcome gathers verdict, evidence and backups", async () => {
    const outcome = await settled((await takeover()).outcome);
    expect(outcome).toMatchObject({
      incident: "one",
      verdict: "recovered",
      evidence: ["p-load", "p-registration"],
    });
    expect(Object.entries(outcome.backups).map(([name, { path }]) => [name, path])).toEqual([
      ["dump", "/backups/p-dump"],
      ["replacementFiles", "/backups/p-replacement-files"],
      ["survivorFiles", "/backups/p-survivor-files"],
    ]);
  });

  test("importing a resource is refused with the way out", () => {
    const args = { cluster: "a", incident: "b", manager: M1, partner: M2.node };
    expect(() => new ManagerPartnerConfig("r", args, { import: "x" })).toThrow(
      /ManagerPartnerConfig cannot be imported .* Just declare it/,
    );
  });
});
