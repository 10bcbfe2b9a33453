import { broken } from "../../leofs/checks/donor";
import type { ManagerState, ManagerView } from "../../leofs/checks/view";
import { entries } from "../../leofs/incident/entries";
import type { Noted } from "../../leofs/incident/journal";
import type { Common, ManagerTarget } from "../targets/arguments";
import type { Session } from "./session";

/** A manager of a pair, with Mnesia's name for the tables that it has now; undefined: it says none. */
export interface WithTables {
  state: ManagerState;
  now: string | undefined;
}

async function withTables(state: ManagerState): Promise<WithTables> {
  const { facts, settings } = state.manager;
  const isRunning = facts.beams.length > 0;
  const file = isRunning ? undefined : await state.manager.schemaIn(settings.mnesiaDirectory);
  return { state, now: isRunning ? await state.manager.schemaName() : file?.cookie };
}

/** Mnesia's name for the tables that a recovery was proven with; undefined: it is not noted. */
function provenTables(journals: readonly Noted[]): string | undefined {
  const [load] = journals.flatMap((journal) => entries.load.done(journal) ?? []);
  const [check] = journals.flatMap((journal) => entries.check.done(journal) ?? []);
  // Only a load goes to tables of its own: else those that the check saw were copied.
  return load ? load.schema : check?.schema;
}

/** An `up` after the proof began to copy a manager's tables once more, and ended before they were whole. */
const isCopiedAgain = (journals: readonly Noted[], node: string): boolean =>
  journals.some((journal) => {
    const begun = entries.replica(node).begun(journal)?.at;
    const done = entries.replica(node).done(journal)?.at;
    return begun !== undefined && (done === undefined || begun > done);
  });

/**
 * Managers of a proven pair that do not have its tables any more, one sentence each. Two that are empty form a new pair, equal
 * to each other and without a user: nothing is started or told then.
 */
export function otherTables(journals: readonly Noted[], seen: readonly WithTables[]): string[] {
  const then = provenTables(journals);
  return seen.flatMap(({ state, now }) => {
    const { spec, facts, settings, host } = state.manager;
    const wrong = facts.beams.length === 0 && !isCopiedAgain(journals, spec.node) ? broken(state) : undefined;
    const others = then !== undefined && now !== undefined && now !== then;
    if (wrong === undefined && !others) return [];
    const what = wrong
      ? `is down, and its Mnesia files are damaged (${wrong})`
      : "has other tables than when the recovery was proven: its Mnesia directory was emptied and it made new ones, or somebody restored it";
    return [
      `${spec.node} ${what}: ${settings.mnesiaDirectory} on ${host.label}. pulumi up neither starts nor tells anything for it: this recovery is over. Find out what is wrong (leofs-recovery diagnose), and recover under a new incident. If it is to be as it is, take the cluster out of the settings.`,
    ];
  });
}

/**
 * Managers of a proven pair that have another partner by now, one sentence each: another recovery may have given one of them a
 * new partner, and then the other one is lost, has old data and must never be started.
 */
function otherPartners(pair: readonly ManagerState[]): string[] {
  return pair.flatMap(({ manager, evidence }, at) => {
    const { node } = manager.spec;
    const wanted = pair[1 - at]?.manager.spec.node;
    const named = [manager.settings.partner, ...(evidence?.partners ?? [])];
    const other = named.find((partner) => partner !== undefined && partner !== wanted);
    return other === undefined || wanted === undefined
      ? []
      : [
          `${node} has the partner ${other} and not ${wanted}, as it had when the recovery was proven. If ${other} took the place of ${wanted}, this recovery is history: take its cluster out of the settings, or give the new incident. If not, set manager.partner of ${node} right by hand.`,
        ];
  });
}

/** Why a pair that was proven is another one now, as far as looks for a plan show; empty: it is not. */
export async function otherPairGlance(
  session: Session,
  { managers, cluster }: Common & { managers: readonly ManagerTarget[] },
  views: readonly ManagerView[],
): Promise<string[]> {
  const partners = otherPartners(views);
  if (partners.length > 0) return partners;
  const seen = await Promise.all(
    views.map(async (state) => {
      const { node, home } = state.manager.spec;
      const target = managers.find((one) => one.node === node)!;
      const what = ["tables", node, home];
      const look = await session.glanceAt(target, what, () => withTables(state), cluster);
      return "seen" in look ? look.seen : { state, now: undefined };
    }),
  );
  return otherTables(
    views.map(({ journal }) => journal),
    seen,
  );
}

/** @throws when a pair that was proven is another one now: nothing is started or told on the word of that recovery. */
export async function refuseOtherPair(views: readonly ManagerView[]): Promise<void> {
  const journals = views.map(({ journal }) => journal);
  const partners = otherPartners(views);
  const others =
    partners.length > 0 ? partners : otherTables(journals, await Promise.all(views.map(withTables)));
  if (others.length > 0) throw new Error(`nothing was started or told: ${others.join("\n")}`);
}
