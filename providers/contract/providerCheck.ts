import { incidentProblem } from "../../leofs/names";
import { type PlanLine, urgent } from "../../leofs/planLine";
import { messageOf } from "../../remote/errors";
import { timed } from "../../remote/timeline";
import type { Common } from "../targets/arguments";
import type { Handler } from "./handler";
import { progressOf } from "./progress";
import { type Framed, type Program, shortName, warnOfStanding } from "./providerFrame";
import { hasUnknown } from "./unknown";

/** What a check answers: the inputs with the plan in them, or what is wrong. */
export interface Checked {
  inputs: object;
  failures: { property: string; reason: string }[];
}

/** Looks at the hosts for the plan of one resource, once its inputs are seen to be right. */
export async function checked<Inputs extends Common, Outputs extends object>(
  handler: Handler<Inputs, Outputs>,
  program: Program,
  olds: object,
  news: object,
): Promise<Checked> {
  const { ahead, ...own } = news as Inputs & Framed & { ahead?: string };
  const [before, inputs] = [olds as Inputs & Framed, own as unknown as Inputs & Framed];
  const instead = (line: PlanLine): Checked => ({
    inputs: { ...inputs, plan: [line], ready: false },
    failures: [],
  });
  if (ahead) handler.lookAhead?.(JSON.parse(ahead));
  if (!isKnown(handler, inputs)) return instead("known once the resources before it are made");
  const known = before.incident === undefined ? undefined : before;
  const problems = problemsOf(handler, inputs, known);
  if (problems.length > 0) return { inputs, failures: problems.map((reason) => ({ property: "", reason })) };
  // It is made next, and looks again itself: a look for a plan that nobody reads would only lengthen the outage.
  if (program.made.size > 0 && !handler.decides && known?.incident !== inputs.incident)
    return instead("seen when it is made");
  try {
    return { inputs: await planned(handler, inputs, known), failures: [] };
  } catch (error) {
    return instead(urgent(`cannot be planned now: ${messageOf(error)}`));
  }
}

/** Whether all is known that a look needs. */
function isKnown<Inputs extends Common>({ later }: Pick<Handler<Inputs, object>, "later">, inputs: Inputs) {
  const ignored = new Set<string>(["resourceUrn", ...later]);
  return !hasUnknown(Object.fromEntries(Object.entries(inputs).filter(([key]) => !ignored.has(key))));
}

/** What is wrong with the inputs, and else what an incident that was begun does not allow to be changed. */
function problemsOf<Inputs extends Common>(
  handler: Pick<Handler<Inputs, object>, "problems" | "identity">,
  inputs: Inputs,
  known: Inputs | undefined,
): string[] {
  const incident = incidentProblem(inputs.incident);
  const problems = [...(incident ? [incident] : []), ...handler.problems(inputs)];
  if (problems.length > 0 || known?.incident !== inputs.incident || hasUnknown(known)) return problems;
  const [then, now] = [handler.identity(known), handler.identity(inputs)];
  const moved = Object.keys(now).filter((key) => JSON.stringify(then[key]) !== JSON.stringify(now[key]));
  return moved.length === 0
    ? []
    : [
        `${moved.join(", ")} changed while the incident is still ${inputs.incident}. A recovery that was begun keeps its subjects; to recover again give a new incident name.`,
      ];
}

/** The inputs with what a look at the hosts made known. */
async function planned<Inputs extends Common, Outputs extends object>(
  handler: Handler<Inputs, Outputs>,
  inputs: Inputs & Framed,
  known: Inputs | undefined,
): Promise<object> {
  const look = () => handler.look(inputs, known);
  const {
    plan,
    computed,
    ready = false,
    notSo = [],
    warnings = [],
  } = await timed("provider", `check ${shortName(inputs)}`, look);
  for (const warning of [...notSo, ...warnings]) await progressOf(inputs.resourceUrn).warn(warning);
  // A resource that is made keeps its plan of then: what a preview must say of it is said beside it.
  if (known) await warnOfStanding(handler, inputs);
  return { ...inputs, ...computed, plan: [...notSo, ...plan], ...(notSo.length > 0 && { notSo }), ready };
}
