import { describe, expect, test } from "vitest";
import { urgent } from "../../../../leofs/planLine";
import type { Handler, Run } from "../../../../providers/contract/handler";
import { providerOf } from "../../../../providers/contract/provider";
import { hasUnknown } from "../../../../providers/contract/unknown";

/** How Pulumi writes a value that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const CANARY = "canary-5ecret";

interface Inputs {
  cluster: string;
  incident: string;
  who: { node: string; connection: { host: string; password: string } };
  size: number;
  path: string;
  choice?: string;
}
interface Outputs {
  made: string;
  seen: number;
}

/** A handler whose host is this object. */
class Fake implements Handler<Inputs, Outputs> {
  readonly later = ["path"] as const;
  decides?: true;
  looks: { inputs: Inputs; before: Inputs | undefined }[] = [];
  fails: { look?: Error; before?: Error; after?: Error; observe?: Error } = {};
  observed: Partial<Outputs> = {};
  problems = ({ size }: Inputs) => [
    ...(size < 0 ? ["size is negative"] : []),
    ...(size % 2 ? ["size is odd"] : []),
  ];
  identity = ({ who, size }: Inputs) => ({ node: who.node, size });
  look = async (inputs: Inputs, before: Inputs | undefined) => {
    this.looks.push({ inputs, before });
    if (this.fails.look) throw this.fails.look;
    return { plan: [`make ${inputs.size}`], computed: { choice: before?.choice ?? "fresh" } };
  };
  converge = async (inputs: Inputs, run: Run) => {
    if (this.fails.before) throw this.fails.before;
    run.touching();
    if (this.fails.after) throw this.fails.after;
    return { made: `${inputs.size} things`, seen: inputs.size };
  };
  observe = async () => {
    if (this.fails.observe) throw this.fails.observe;
    return this.observed;
  };
  drifted = (state: Inputs & Outputs) => state.seen !== state.size;
}

const INPUTS: Inputs = {
  cluster: "production",
  incident: "one",
  who: { node: "m@x", connection: { host: "10.0.0.1", password: CANARY } },
  size: 2,
  path: "/b",
};
const FRAME = { __provider: "exports.handler = ...", resourceUrn: "urn:pulumi:...", plan: ["old"] };

const make = () => {
  const handler = new Fake();
  return { handler, provider: providerOf(handler) };
};

describe("check", () => {
  test("returns the inputs with the plan and what was computed", async () => {
    const { provider, handler } = make();
    expect(await provider.check({}, { ...INPUTS, ...FRAME })).toEqual({
      inputs: { ...INPUTS, ...FRAME, plan: ["make 2"], ready: false, choice: "fresh" },
      failures: [],
    });
    expect(handler.looks[0]?.before).toBeUndefined();
  });

  test("begins the looks at pairs ahead, and keeps nothing of them", async () => {
    const { provider, handler } = make();
    const told: unknown[] = [];
    (handler as Handler<Inputs, Outputs>).lookAhead = (pairs) => void told.push(pairs);
    const pairs = [{ cluster: "other", incident: "two" }];
    const { inputs } = await provider.check({}, { ...INPUTS, ...FRAME, ahead: JSON.stringify(pairs) });
    expect(told).toEqual([pairs]);
    expect(inputs).not.toHaveProperty("ahead");
  });

  test("names all problems at once, without a property that the engine would print", async () => {
    const { provider, handler } = make();
    const result = await provider.check({}, { ...INPUTS, incident: "a/b", size: -1 });
    expect(result.failures).toEqual([
      { property: "", reason: expect.stringContaining('"a/b" cannot name an incident') },
      { property: "", reason: "size is negative" },
      { property: "", reason: "size is odd" },
    ]);
    expect(JSON.stringify(result.failures)).not.toContain(CANARY);
    expect(handler.looks).toEqual([]);
  });

  test.each<[string, object]>([
    ["at the top", { size: UNKNOWN }],
    ["in a connection", { who: { node: "m@x", connection: { host: UNKNOWN } } }],
    ["in a list in an object", { who: { node: "m@x", connection: { list: [1, [UNKNOWN]] } } }],
    ["in place of the incident", { incident: UNKNOWN }],
  ])("with something unknown %s looks at no host and finds nothing wrong", async (_, change) => {
    const { provider, handler } = make();
    const inputs = { ...INPUTS, size: 3, ...change };
    expect(await provider.check({}, inputs)).toEqual({
      inputs: { ...inputs, plan: ["known once the resources before it are made"], ready: false },
      failures: [],
    });
    expect(handler.looks).toEqual([]);
  });

  test("plans without what only an earlier resource makes known", async () => {
    const { provider } = make();
    const { inputs } = await provider.check({}, { ...INPUTS, path: UNKNOWN, resourceUrn: UNKNOWN });
    expect(inputs).toMatchObject({ plan: ["make 2"], path: UNKNOWN });
  });

  test("keeps what was computed for the same incident", async () => {
    const { provider, handler } = make();
    const before = { ...INPUTS, choice: "kept" };
    expect((await provider.check(before, INPUTS)).inputs).toMatchObject({ choice: "kept" });
    expect(handler.looks[0]?.before).toEqual(before);
  });

  test("refuses other subjects under the same incident", async () => {
    const { provider, handler } = make();
    const { failures } = await provider.check(INPUTS, { ...INPUTS, size: 4 });
    expect(failures).toEqual([
      { property: "", reason: expect.stringMatching(/^size changed while the incident/) },
    ]);
    expect(failures[0]?.reason).toContain("give a new incident name");
    expect(handler.looks).toEqual([]);
  });

  test("takes other subjects under a new incident, and other credentials at any time", async () => {
    const { provider } = make();
    const other = { ...INPUTS.who, connection: { host: "10.0.0.2", password: "other" } };
    for (const change of [{ incident: "two", size: 4 }, { who: other }, { path: "/c" }])
      expect((await provider.check(INPUTS, { ...INPUTS, ...change })).failures).toEqual([]);
  });

  test("is not stopped by what was unknown when it was checked before", async () => {
    const { provider } = make();
    expect((await provider.check({ ...INPUTS, size: UNKNOWN }, INPUTS)).failures).toEqual([]);
  });

  test("does not look, in a program that makes, at what is yet to be made", async () => {
    const { provider, handler } = make();
    await provider.create(INPUTS);
    const seen = async (before: object) => {
      const { inputs, failures } = await provider.check(before, { ...INPUTS, ...FRAME });
      expect(failures).toEqual([]);
      return [handler.looks.splice(0).length, (inputs as { plan: string[] }).plan];
    };
    expect(await seen({})).toEqual([0, ["seen when it is made"]]);
    expect(await seen({ ...INPUTS, incident: "zero" })).toEqual([0, ["seen when it is made"]]);
    expect(await seen(INPUTS)).toEqual([1, ["make 2"]]);
    handler.decides = true;
    expect(await seen({})).toEqual([1, ["make 2"]]);
    const problem = await provider.check({}, { ...INPUTS, size: -1 });
    expect(problem.failures).toHaveLength(2);
  });

  test("is not stopped by a look that fails", async () => {
    const { provider, handler } = make();
    handler.fails.look = new Error("no route");
    const { inputs, failures } = await provider.check({}, INPUTS);
    expect(inputs).toEqual({ ...INPUTS, plan: [urgent("cannot be planned now: no route")], ready: false });
    expect(failures).toEqual([]);
  });
});

describe("diff", () => {
  const state = { ...INPUTS, ...FRAME, plan: [], made: "2 things", seen: 2 };
  const diff = (wanted: object, from: object = state) => make().provider.diff("id", from, wanted);
  const nothing = { changes: false, replaces: [] };

  test("of what is as wanted: nothing", async () => {
    expect(await diff({ ...INPUTS, ...FRAME })).toEqual(nothing);
  });

  test.each<[string, object]>([
    ["the plan", { plan: ["something else"] }],
    ["the provider's text", { __provider: "exports.handler = another version" }],
    ["the URN", { resourceUrn: "urn:other" }],
    ["the connection", { who: { node: "m@x", connection: { host: "10.9.9.9", password: "new" } } }],
    ["what is not known yet", { path: UNKNOWN }],
    ["what was computed", { choice: "other" }],
  ])("does not count %s", async (_, change) => {
    expect(await diff({ ...INPUTS, ...FRAME, ...change })).toEqual(nothing);
  });

  test("a new incident, known or not, is a new recovery", async () => {
    const again = { changes: true, replaces: ["incident"] };
    expect(await diff({ ...INPUTS, incident: "two" })).toEqual(again);
    expect(await diff({ ...INPUTS, incident: UNKNOWN })).toEqual(again);
  });

  test("what was observed to differ is changed in place", async () => {
    expect(await diff(INPUTS, { ...state, seen: 3 })).toEqual({ changes: true, replaces: [] });
  });

  test("what is not so any more is changed once: a refresh after that up finds nothing", async () => {
    const wanted = { ...INPUTS, notSo: ["m@x is down"] };
    expect(await diff(wanted)).toEqual({ changes: true, replaces: [] });
    const { provider } = make();
    const { outs } = await provider.update("id", state, wanted);
    const refreshed = await provider.read("id", outs);
    expect(await diff(wanted, refreshed.props)).toEqual(nothing);
    expect(await diff({ ...wanted, notSo: ["m@x is down again"] }, outs)).toMatchObject({ changes: true });
  });
});

describe("create and update", () => {
  test("give back all inputs, all outputs and an empty plan", async () => {
    const { provider } = make();
    const whole = { ...INPUTS, ...FRAME, plan: [], ready: true, made: "2 things", seen: 2 };
    expect(await provider.create({ ...INPUTS, ...FRAME })).toEqual({ id: "production/one", outs: whole });
    const old = {
      ...INPUTS,
      __provider: "old",
      plan: ["x"],
      made: "nothing",
      seen: 0,
      kept: "of an older version",
    };
    expect(await provider.update("production/one", old, { ...INPUTS, ...FRAME })).toEqual({
      outs: { ...whole, kept: "of an older version" },
    });
  });

  const failure = async (promise: Promise<unknown>): Promise<Record<string, unknown> & Error> => {
    const error = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    return error as Record<string, unknown> & Error;
  };

  test("that fail before anything was touched leave nothing in the state", async () => {
    const { provider, handler } = make();
    handler.fails.before = new Error("refused, nothing was changed");
    const error = await failure(provider.create({ ...INPUTS, ...FRAME }));
    expect(error.message).toBe("refused, nothing was changed");
    expect(error.stack).toBe("");
    expect(Object.keys(error)).not.toContain("id");
    expect(error).not.toHaveProperty("reasons");
  });

  test("that fail afterwards keep the resource, with its provider and the whole reason", async () => {
    const { provider, handler } = make();
    handler.fails.after = new Error("stopped halfway\ndo this next");
    const created = await failure(provider.create({ ...INPUTS, ...FRAME }));
    expect(created).toMatchObject({
      id: "production/one",
      properties: { ...INPUTS, ...FRAME },
      reasons: ["stopped halfway\ndo this next"],
      stack: "",
    });
    const old = { ...INPUTS, __provider: "old", made: "1 thing", seen: 1 };
    const updated = await failure(provider.update("x", old, { ...INPUTS, ...FRAME }));
    expect(updated.properties).toEqual({ ...INPUTS, ...FRAME, made: "1 thing", seen: 1 });
  });

  test("another kind of throw is told as well as can be", async () => {
    const { provider, handler } = make();
    handler.converge = () => Promise.reject("just a text");
    expect((await failure(provider.create(INPUTS))).message).toBe("just a text");
  });
});

describe("read and delete", () => {
  const state = { ...INPUTS, ...FRAME, made: "2 things", seen: 2 };

  test("read gives what is there now, over what was", async () => {
    const { provider, handler } = make();
    handler.observed = { seen: 5 };
    expect(await provider.read("id", state)).toEqual({ id: "id", props: { ...state, seen: 5 } });
  });

  test("read says plainly that it cannot know", async () => {
    const { provider, handler } = make();
    handler.fails.observe = new Error("host 10.0.0.1 cannot be reached");
    const reading = provider.read("id", state);
    await expect(reading).rejects.toMatchObject({ message: "host 10.0.0.1 cannot be reached", stack: "" });
    await expect(reading).rejects.not.toHaveProperty("properties");
  });

  test("delete does nothing, whatever the hosts are like", async () => {
    const { provider, handler } = make();
    handler.fails = { look: new Error("x"), before: new Error("x"), observe: new Error("x") };
    await expect(provider.delete("id", state)).resolves.toBeUndefined();
  });
});

test("the unknown is found at any depth, and nothing else passes for it", () => {
  expect(hasUnknown([{ a: [{ b: UNKNOWN }] }])).toBe(true);
  expect(hasUnknown(UNKNOWN)).toBe(true);
  for (const known of [null, undefined, 0, "", [], {}, `${UNKNOWN} `, { [UNKNOWN]: 1 }])
    expect(hasUnknown(known)).toBe(false);
});
