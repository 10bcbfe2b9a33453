import type { PlanLine } from "../../leofs/planLine";
import { messageOf } from "../../remote/errors";
import type { Common } from "../targets/arguments";
import type { Handler } from "./handler";
import { progressOf } from "./progress";

/** Keys that the frame of a resource owns, not its handler. */
export interface Framed {
  __provider?: string;
  resourceUrn?: string;
  plan?: PlanLine[];
  /** Of inputs: what this `up` must mend. */
  notSo?: string[];
  /** Of a state: what the `up` that made it mended. */
  mended?: string[];
  ready?: boolean;
}

/** What all providers of a program share. */
export interface Program {
  /** Names of the clusters for which something was made. A program that made something is an `up`: it shows no plan any more. */
  readonly made: Set<string>;
}

/** Names the resource in the state: incident and what it was done for. */
export const idOf = (inputs: Common): string => `${inputs.cluster}/${inputs.incident}`;

/** The resource's name, for the timeline of a run. */
export const shortName = ({ resourceUrn = "" }: Framed): string => resourceUrn.split("::").at(-1) ?? "";

/**
 * An error for the operator: the message, no stack, because the provider host prints what it has.
 *
 * The engine prints `reasons` and drops the message when a resource was begun, so all is in there.
 */
export function plainError(error: unknown, begun?: { id: string; properties: object }): Error {
  const plain = new Error(messageOf(error));
  plain.stack = "";
  return begun ? Object.assign(plain, begun, { reasons: [plain.message] }) : plain;
}

/** Warns of what the handler says that whoever previews, reads or forgets the resource must know. */
export async function warnOfStanding<Inputs extends Common>(
  handler: Pick<Handler<Inputs, object>, "standing">,
  state: Inputs & Framed,
): Promise<void> {
  const text = await handler.standing?.(state);
  if (text) await progressOf(state.resourceUrn).warn(text);
}
