import { broken, nodeOf, serves } from "../../leofs/checks/donor";
import type { ManagerState } from "../../leofs/checks/view";
import { messageOf } from "../../remote/errors";
import { type Diagnosis, type Found, inPlace, unclear } from "./diagnosis";
import { partnerOf, stateOf, typed } from "./states";

/** One manager that was started before, and the one that may take its partner's place. */
export async function judgeAlone(
  survivor: ManagerState,
  replacement: ManagerState | undefined,
  found: Found,
): Promise<Diagnosis> {
  const { unreachable, empty = [], ask } = found;
  const { facts, host } = survivor.manager;
  const lost = partnerOf(survivor);
  const evidence = [
    ...[survivor, ...(replacement ? [replacement] : [])].map(stateOf),
    ...unreachable.map(({ host, reason }) => `${host} cannot be looked at: ${reason}`),
    ...empty.map((host) => `no manager was found on ${host}`),
  ];
  if (lost === undefined)
    return unclear(`${nodeOf(survivor)} has no partner in its conf.`, evidence, [
      `set manager.partner in ${facts.conf.path} on ${host.label}`,
    ]);
  // The lost manager's own name on an installation that was never started: its files are gone, its place is not.
  if (replacement && nodeOf(replacement) === lost && serves(survivor))
    return inPlace(replacement, survivor, evidence);
  const reach = await ask(survivor, lost).catch(messageOf);
  if (typeof reach === "string")
    return unclear(
      `Whether the partner ${lost} answers could not be asked.`,
      [...evidence, reach],
      [`diagnose again; name the host of ${lost} too, if it is up`],
    );
  if (reach.answers)
    return unclear(
      `The partner ${lost} answers, and its host was not looked at.`,
      [...evidence, `${lost}: ${reach.evidence}`],
      [
        unreachable.length > 0
          ? "mend the way to its host, then diagnose again"
          : empty.length > 0
            ? `give the home of ${lost} with --home PATH: it is in no usual place`
            : `name its host too: diagnose ${host.label} HOST-OF-${lost.split("@")[1]}`,
      ],
    );
  const gone = [...evidence, `${lost} does not answer (${reach.evidence})`];
  const up = unreachable.filter((one) => one.up).map((one) => one.host);
  if (up.length > 0)
    return unclear(
      `${lost} does not answer, and whether it is gone or only down was not seen: ${up.join(" and ")} ${up.length > 1 ? "are" : "is"} up and could not be looked at.`,
      gone,
      [`mend the way to ${up.join(" and ")}, then diagnose again`],
    );
  return serves(survivor)
    ? takeover(lost, { survivor, replacement, empty }, gone)
    : neitherServes(lost, survivor, gone);
}

/** Who has the data, who takes the place, and the hosts on which nothing was found. */
type Sides = NonNullable<Pick<Found, "empty">> & Omit<NonNullable<Diagnosis["takeover"]>, "lost">;

const takeover = (
  lost: string,
  { survivor, replacement, empty = [] }: Sides,
  evidence: string[],
): Diagnosis => ({
  kind: "takeover",
  verdict: `${lost} is gone, and ${nodeOf(survivor)} serves: a new manager takes its place.`,
  evidence,
  next: replacement
    ? []
    : [
        ...(empty.length > 0
          ? [`if ${lost} is installed on ${empty.join(" or ")}, give its home with --home PATH`]
          : []),
        `if the host of ${lost} comes back with its files, nothing needs to be recovered: start it there`,
        `else install the same LeoFS on a new host in the role of ${lost}, do not start it, and name that host too`,
      ],
  takeover: { lost, survivor, replacement },
});

function neitherServes(lost: string, survivor: ManagerState, evidence: string[]): Diagnosis {
  const wrong = broken(survivor);
  const isOnlyDown = survivor.manager.facts.beams.length === 0 && wrong === undefined;
  return {
    kind: "bothDown",
    verdict: `${lost} does not answer, and ${nodeOf(survivor)} does not serve.`,
    evidence: [...evidence, ...(wrong ? [`${nodeOf(survivor)}: ${wrong}`] : [])],
    next: isOnlyDown
      ? [
          typed("start", survivor),
          "then diagnose again; if it waits for its partner, it does not have the newest data",
        ]
      : [`bring the host of ${lost} back and name it too: its files may be the good ones`],
  };
}
