import type { Common } from "../targets/arguments";
import { type Handler, Unreached } from "./handler";
import { progressOf } from "./progress";
import { type Checked, checked } from "./providerCheck";
import { converged } from "./providerConverge";
import { type Framed, idOf, type Program, plainError, warnOfStanding } from "./providerFrame";
import { hasUnknown } from "./unknown";

/** The methods that Pulumi's provider host calls. */
export interface DynamicProvider {
  check(olds: object, news: object): Promise<Checked>;
  diff(id: string, olds: object, news: object): Promise<{ changes: boolean; replaces: string[] }>;
  create(inputs: object): Promise<{ id: string; outs: object }>;
  update(id: string, olds: object, news: object): Promise<{ outs: object }>;
  read(id: string, props: object): Promise<{ id: string; props: object }>;
  delete(id: string, props: object): Promise<void>;
}

/** Turns a handler into the provider that Pulumi's host calls, with the rules of its contract kept once. */
export function providerOf<Inputs extends Common, Outputs extends object>(
  handler: Handler<Inputs, Outputs>,
  program: Program = { made: new Set() },
): DynamicProvider {
  type In = Inputs & Framed;
  type State = Inputs & Outputs & Framed;
  return {
    check: (olds, news) => checked(handler, program, olds, news),
    async diff(_id, olds, news) {
      const [state, wanted] = [olds as State, news as In];
      if (hasUnknown(wanted.incident) || state.incident !== wanted.incident)
        return { changes: true, replaces: ["incident"] };
      // A refresh compares with the inputs of the last up, which still say what that up mended.
      const toMend = (wanted.notSo ?? []).filter((line) => !state.mended?.includes(line));
      return { changes: handler.drifted(state, wanted) || toMend.length > 0, replaces: [] };
    },
    async create(inputs) {
      return { id: idOf(inputs as In), outs: await converged(handler, program, inputs as In) };
    },
    async update(_id, olds, news) {
      return { outs: await converged(handler, program, news as In, olds) };
    },
    async read(id, props) {
      const state = props as State;
      const progress = progressOf(state.resourceUrn);
      try {
        await warnOfStanding(handler, state);
        return { id, props: { ...state, ...(await handler.observe(state, progress)) } };
      } catch (error) {
        if (!(error instanceof Unreached) || !("evidence" in state)) throw plainError(error);
        await progress.warn(`${error.message}. What the state says of it was seen earlier.`);
        return { id, props };
      }
    },
    /** Forgets: destroying a stack never undoes a recovery and never touches a backup. */
    async delete(_id, props) {
      await warnOfStanding(handler, props as State);
    },
  };
}
