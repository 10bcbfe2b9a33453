import type { Found } from "./batch";
import type { HandStep, History, Kind } from "./history";

const WHO = ["the one with the data", "the other", "the one that moves"] as const;

const byHand = ({ what, which }: HandStep): string => {
  if (what === "storage") return "the storage node goes down or comes back";
  if (what === "write") return "a user is added";
  if (what === "failStart") return `the next start of ${WHO[which]} will fail`;
  return `${what} ${WHO[which]}`;
};

/** A history in words, one line each. */
function tell(history: History): string[] {
  const { ups, ...rest } = history;
  const lines = [JSON.stringify(rest)];
  for (const {
    byHand: steps,
    stateLost,
    forgotten,
    excluded,
    changed,
    refresh,
    slow,
    fault,
    vmFault,
    writes,
  } of ups) {
    if (steps.length > 0) lines.push(`by hand: ${steps.map(byHand).join(", ")}`);
    const with_ = [
      stateLost ? "with an empty state" : "",
      forgotten.length > 0 ? `steps ${forgotten} not in the state` : "",
      excluded.length > 0 ? `without steps ${excluded}` : "",
      changed ? `with the settings ${JSON.stringify(changed)}` : "",
      refresh ? "with --refresh" : "",
      slow ? "with looks that come too late for the plan" : "",
      fault ? `${fault.how} at call ${fault.at}, ${fault.thirds} thirds of it done` : "",
      vmFault ? `the temporary VM ${vmFault.how} at call ${vmFault.at} while it runs` : "",
      ...writes.map(({ at, what, which }) => `a user ${what}s ${which} at call ${at}`),
    ];
    lines.push(`up ${with_.filter(Boolean).join(", ")}`.trim());
  }
  return lines;
}

/** What was found, for the screen. */
export const storyOf = (
  { replay, history, what, after, shrinks }: Found,
  seed: number,
  kind?: Kind,
): string =>
  [
    `FOUND, seed ${seed}: ${what}`,
    `history ${after} of its batch; made smaller in ${shrinks} steps:`,
    ...tell(history).map((line) => `  ${line}`),
    "then ups without faults until it is over",
    `again, call by call: npm run test:simulation -- ${kind ? `--kind ${kind} ` : ""}--replay ${replay}`,
  ].join("\n");
