import { broken, nodeOf, serves } from "../../leofs/checks/donor";
import type { ManagerState } from "../../leofs/checks/view";
import { rowsCounted } from "../../leofs/manager/evidence";
import { serviceCommand } from "../shared/service";

/** The partner that a manager has by its own word; else by what it was started with, or its conf. */
export const partnerOf = (view: ManagerState): string | undefined =>
  view.evidence?.partners[0] ?? view.manager.settings.generated.partners[0] ?? view.manager.settings.partner;
/** What to type where; a command is in backquotes, so that no screen breaks it. */
export const typed = (verb: "start" | "stop", { manager }: ManagerState): string =>
  `on ${manager.host.label}: \`${serviceCommand(verb, manager)}\``;

/** Never started: LeoFS generates app.config at every start, and makes the Mnesia directory at the first. */
export const isFresh = (view: ManagerState): boolean =>
  view.manager.facts.beams.length === 0 &&
  view.manager.facts.conf.appConfig === undefined &&
  view.mnesia.files.length === 0;

const isEmpty = ({ mnesia }: ManagerState): boolean => mnesia.exists && mnesia.files.length === 0;

/** A manager in one line: who, where, and what it does. */
export function stateOf(view: ManagerState): string {
  const { manager, evidence } = view;
  const where = `${nodeOf(view)} (${manager.settings.role}, ${manager.host.label})`;
  if (isFresh(view)) return `${where} was never started`;
  if (serves(view)) {
    return `${where} serves: process ${evidence!.pid}, ${evidence!.tables.size} tables, ${rowsCounted(evidence!)} rows`;
  }
  if (isEmpty(view))
    return `${where} was started before and holds no Mnesia files; ${manager.facts.beams.length > 0 ? "it runs" : "it is down"}`;
  const wrong = broken(view);
  if (manager.facts.beams.length > 0) return `${where} runs and does not serve: ${wrong ?? "it waits"}`;
  return `${where} is down; its Mnesia files ${wrong === undefined ? "are whole" : `are damaged: ${wrong}`}`;
}
