import type { Done } from "../incident/entries";
import type { Reach } from "../manager/ask";
import { startCommand } from "../manager/control";
import type { Manager } from "../manager/manager";
import type { ManagerView } from "./view";

/**
 * Managers that the survivor is configured with, that its Mnesia knows, or that a storage or gateway node follows, besides the
 * lost one and the two of the new pair. One of them may be the true partner, whatever the settings call lost.
 */
export function otherManagers(lost: string, survivor: ManagerView, replacement: ManagerView): string[] {
  const { evidence, manager } = survivor;
  const known = [
    manager.settings.partner ?? "",
    ...(evidence?.partners ?? []),
    ...(evidence?.knownManagers ?? []),
    ...(evidence?.nodes ?? []).flatMap(({ follows }) => follows ?? []),
  ];
  const pair = [lost, manager.spec.node, replacement.manager.spec.node];
  return [...new Set(known)].filter((node) => node.includes("@") && !pair.includes(node));
}

/** Storage and gateway nodes that answered a manager: who else can be asked about another one. */
const askersOf = ({ evidence }: ManagerView): string[] =>
  (evidence?.nodes ?? []).filter(({ answers }) => answers).map(({ node }) => node);

/**
 * Whether a node answers, asked from both hosts and from every storage and gateway node, since a network may be cut between
 * some of them alone. One answer is enough.
 */
export async function probeFromEverywhere(
  node: string,
  survivor: ManagerView,
  other: ManagerView,
): Promise<Reach> {
  const hosts = [survivor, other].map(({ manager }) => manager).filter(({ facts }) => facts.tools.erlang);
  const askers = hosts.includes(survivor.manager) ? askersOf(survivor) : [];
  const probes = await Promise.all([
    ...hosts.map((manager) => manager.probe(node)),
    ...(askers.length > 0 ? [survivor.manager.reachedFrom(askers, node)] : []),
  ]);
  return (
    probes.find(({ answers }) => answers) ??
    probes[0] ?? { node, answers: false, evidence: "asked from nowhere" }
  );
}

/** What a check notes of managers that must not be there any more, for those who ask again later. */
export interface Gone {
  /** Their node names. */
  gone: string[];
  /** The one whose place is taken. One that moves is not gone, and is stopped later. */
  lost: string;
  moves?: true;
  /** Storage and gateway nodes that are asked about them too. */
  askers: string[];
  /** How the pair is had back as it was, as long as nothing is cleared. */
  back: string;
}

/** What the check of a takeover notes of those who must not be there. */
export const goneBeside = (
  { lost, moves }: { lost: string; moves?: true },
  survivor: ManagerView,
  replacement: ManagerView,
): Gone => ({
  gone: [...(moves ? [] : [lost]), ...otherManagers(lost, survivor, replacement)],
  lost,
  ...(moves && { moves }),
  askers: askersOf(survivor),
  back: `Start ${survivor.manager.spec.node} (${startCommand(survivor.manager.spec)} on ${survivor.manager.host.label})`,
});

/** Who of them is there all the same, asked from managers' hosts and from the storage and gateway nodes. */
export async function livingOf(
  managers: readonly Manager[],
  check: Done<"check"> | undefined,
): Promise<Reach[]> {
  const { gone = [], askers = [] } = check ?? {};
  const looks = gone.map(async (node) => {
    const probes = await Promise.all(
      managers.flatMap((manager) => [
        manager.probe(node),
        ...(askers.length > 0 ? [manager.reachedFrom(askers, node)] : []),
      ]),
    );
    return probes.find(({ answers }) => answers) ?? [];
  });
  return (await Promise.all(looks)).flat();
}

/**
 * Asks again after the stop, before anything is cleared: from then on nothing of the old pair is left but they.
 *
 * @param check what the check noted in the journal (`Gone`)
 * @throws when one answers.
 */
export async function refuseLiving(manager: Manager, check: Done<"check"> | undefined): Promise<void> {
  const [living] = await livingOf([manager], check);
  if (!living) return;
  throw new Error(
    `${living.node} is alive (${living.evidence}): a takeover beside a living manager leads to split brain. Nothing was cleared. ` +
      `${check?.back}, where that one is down, to have the pair as before. What was written on ${living.node} since the two lost each other is only there: compare get-users and get-buckets of both before one is stopped for good, then run pulumi up again.`,
  );
}
