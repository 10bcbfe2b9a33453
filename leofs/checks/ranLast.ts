import { entries } from "../incident/entries";
import type { Noted } from "../incident/journal";
import { startCommand } from "../manager/control";
import type { Manager, Stopped } from "../manager/manager";
import { sawDown } from "../manager/sawDown";

const started = ({ spec, host }: Manager): string => `${startCommand(spec)} on ${host.label}`;

/**
 * Sees that a survivor which somebody else stopped since the check still has the newest data: its files note that the lost
 * manager went down before it. Else that one was back beside it, ran on alone, and has what users wrote then.
 *
 * @param journal of its host
 * @throws when they do not, before anything of it is cleared.
 */
export async function refuseLostRanLast(survivor: Stopped, journal: Noted): Promise<void> {
  const { node } = survivor.spec;
  const { lost, moves } = entries.check.done(journal) ?? {};
  const before = entries.before(node).done(journal);
  if (!lost || moves || !before?.running || entries.stop(node).isBegun(journal)) return;
  if ((await sawDown(survivor, lost)) !== false) return;
  throw new Error(
    `${survivor.host.label}: ${node} ran when this incident was checked, and somebody stopped it since. Its files do not note that ${lost} went down before it: ${lost} was back, and has what was written after ${node} was stopped. Nothing of ${node} was cleared. ` +
      `Start ${lost} and ${node} (${started(survivor)}), so that it gets that too; once both serve stop ${lost} for good, then run pulumi up again. ` +
      `If ${lost} cannot be started any more, these files are the newest there are: go back (rollback: true), then accept survivorDown under a new incident.`,
  );
}

/**
 * Sees that a manager which is recovered in place did not run last, beside nobody, since the check: users wrote to it then,
 * and the donor lacks that.
 *
 * @param journal of its host
 * @throws when its files note that the donor went down before it, and did not at the check; before they are moved aside.
 */
export async function refuseDamagedRanLast(damaged: Stopped, journal: Noted): Promise<void> {
  const { node } = damaged.spec;
  const { lost, nodes = [] } = entries.check.done(journal) ?? {};
  const before = entries.before(node).done(journal)?.sawDown;
  const donor = nodes.find((one) => one !== node);
  if (lost || donor === undefined || before === undefined || before.includes(donor)) return;
  if (!(await sawDown(damaged, donor))) return;
  throw new Error(
    `${damaged.host.label}: ${node} was started since this incident was checked, and its files note that ${donor} went down before it: it ran on alone, and has what was written then. Nothing of ${node} was moved. ` +
      `Start both (${started(damaged)}, and ${donor} on its host), so that ${donor} gets that too; once both serve stop ${node}, then run pulumi up again. ` +
      `If they do not serve together, go back (rollback: true), then recover from ${node} under a new incident.`,
  );
}
