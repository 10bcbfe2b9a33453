import { timed } from "../../remote/timeline";
import type { Common } from "../targets/arguments";
import type { Handler, Run } from "./handler";
import { progressOf } from "./progress";
import { type Framed, idOf, type Program, plainError, shortName } from "./providerFrame";
import { hasUnknown } from "./unknown";

/**
 * Does the work of a resource, new or known before.
 *
 * @param before its state, which stands where the work gives nothing new
 * @returns its new state
 */
export async function converged<Inputs extends Common, Outputs extends object>(
  handler: Handler<Inputs, Outputs>,
  program: Program,
  { notSo, ...rest }: Inputs & Framed,
  before: object = {},
): Promise<object> {
  const inputs = rest as unknown as Inputs & Framed;
  program.made.add(inputs.cluster);
  const missing = handler.later.filter((key) => inputs[key] === undefined || hasUnknown(inputs[key]));
  if (missing.length > 0)
    throw plainError(
      new Error(
        `${missing.join(", ")}: not known, because the resource that makes it was left out of this run. Nothing was done. Run pulumi up without --target.`,
      ),
    );
  let touched = false;
  const run: Run = { progress: progressOf(inputs.resourceUrn), touching: () => (touched = true) };
  try {
    const outputs = await timed("provider", shortName(inputs), () => handler.converge(inputs, run));
    return { ...before, ...inputs, plan: [], ready: true, ...(notSo && { mended: notSo }), ...outputs };
  } catch (error) {
    throw plainError(error, touched ? { id: idOf(inputs), properties: { ...before, ...inputs } } : undefined);
  }
}
