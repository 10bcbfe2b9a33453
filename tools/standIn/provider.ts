import { randomBytes } from "node:crypto";
import type { provider } from "@pulumi/pulumi";
import { INPUT_KEYS, type Properties, parseInputs, withDefaults } from "./inputs";
import { type CommandOutput, type Log, runRemote } from "./remoteCommand";
import { canonical, holdsUnknown, unwrap } from "./values";

/** The version of the official plugin whose behaviour is repeated. */
const STAND_IN_VERSION = "1.2.1";

const TYPE = "command:remote:Command";

/**
 * `command:remote:Command` with the rules of the official plugin: changed triggers replace, any other change updates
 * (`update`, or `create` again when there is none), no `delete` means nothing to do. For the demo and the tests.
 *
 * Known difference: an environment variable that the SSH server refuses is not noticed.
 */
export function commandProvider(logFor: (urn: string) => Log): provider.Provider {
  const run = async (
    urn: string,
    properties: Properties,
    command: string | undefined,
    previous: Properties,
  ) => {
    const before = outputs(previous);
    const after =
      command === undefined ? before : await runRemote(parseInputs(properties), command, before, logFor(urn));
    return { ...properties, ...after };
  };
  return {
    version: STAND_IN_VERSION,

    async check(urn, _olds, news: Properties) {
      if (!typeOf(urn).endsWith(TYPE))
        return { inputs: news, failures: [{ property: "", reason: `the stand-in plugin has only ${TYPE}` }] };
      const failures =
        unwrap(news.connection) === undefined ? [{ property: "connection", reason: "is required" }] : [];
      return { inputs: withDefaults(news), failures };
    },

    async diff(_id, _urn, olds: Properties, news: Properties) {
      const changed = INPUT_KEYS.filter((key) => {
        const wanted = unwrap(news[key]);
        return holdsUnknown(wanted) || canonical(unwrap(olds[key])) !== canonical(wanted);
      });
      return {
        changes: changed.length > 0,
        replaces: changed.includes("triggers") ? ["triggers"] : [],
        deleteBeforeReplace: false,
      };
    },

    async create(urn, inputs: Properties) {
      const name = urn.split("::").slice(3).join("::");
      const outs = await run(urn, inputs, parseInputs(inputs).create, {});
      return { id: `${name}${randomBytes(4).toString("hex")}`, outs };
    },

    async update(_id, urn, olds: Properties, news: Properties) {
      const inputs = parseInputs(news);
      return { outs: await run(urn, news, inputs.update ?? inputs.create, olds) };
    },

    async delete(_id, urn, properties: Properties) {
      await run(urn, properties, parseInputs(properties).delete, properties);
    },
  };
}

function outputs(properties: Properties): CommandOutput {
  const text = (key: string) => {
    const value = unwrap(properties[key]);
    return typeof value === "string" ? value : "";
  };
  return { stdout: text("stdout"), stderr: text("stderr") };
}

function typeOf(urn: string): string {
  return urn.split("::")[2] ?? "";
}
