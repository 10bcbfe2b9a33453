import { type ConfOnHost, changeValue, keptConf, keptIn } from "../conf/changeConf";
import { partnerProblems } from "../conf/conf";
import type { ConfBytes } from "../conf/confFiles";
import { type ConfChange, setValue, unifiedDiff } from "../conf/confText";
import { entries } from "../incident/entries";
import type { Journal } from "../incident/journal";
import { surprises } from "../incident/surprises";
import { lookAtHost } from "../manager/look";
import type { Manager } from "../manager/manager";
import { PARTNER_KEY, partnerFile, readSettings } from "../manager/settings";

/** The partner that LeoFS would read from the conf at the next start; empty when it would read none. */
export const currentPartner = (manager: Manager): string => manager.settings.partner ?? "";

/** The change that would make a conf name this partner: one line, nothing else. */
export const plannedChange = (file: ConfBytes, partner: string): ConfChange =>
  setValue(file.bytes ?? "", PARTNER_KEY, partner);

/** The file that says who the partner is, on its host, with the place of its original. */
export function confOfPartner(manager: Manager): ConfOnHost {
  const { host, as, place, spec } = manager;
  const { path } = partnerFile(manager);
  return { host, as, path, kept: keptIn(place.directory, path, spec.node) };
}

/** What changing a partner left behind. */
export interface PartnerResult {
  observed: string;
  file: string;
  /** Unified diff of the line; empty when it was right already. */
  change: string;
  /** Where the untouched original is kept; empty when nothing was changed for this incident. */
  original: string;
  evidence: string[];
}

/** Notes the change of a run that ended before it could: told by what was kept. */
async function noteChange(
  manager: Manager,
  journal: Journal,
  partner: string,
  original: string,
): Promise<Change> {
  const { path, kept } = confOfPartner(manager);
  const change = { change: unifiedDiff(setValue(original, PARTNER_KEY, partner), path), original: kept };
  await entries.partner(manager.spec.node).finish(journal, change);
  return change;
}

/** What is noted of it, once an incident. */
interface Change {
  change?: string | undefined;
  original?: string | undefined;
}

/**
 * Makes a manager's conf name `partner`: one value changes and no other byte.
 *
 * @throws when LeoFS would still read another partner: an override in `leo_manager.d`, a line it cannot parse.
 */
export async function changePartner(
  manager: Manager,
  journal: Journal,
  partner: string,
): Promise<PartnerResult> {
  const { host, spec } = manager;
  const { path, bytes: original } = partnerFile(manager);
  const file = confOfPartner(manager);
  const { kept } = file;
  if (original === undefined)
    throw new Error(`${host.label}: ${path} is not there; install the manager's conf first.`);
  if (manager.settings.partner === partner) {
    const of = { journal, node: spec.node };
    const noted = entries.partner(spec.node).done(journal);
    const before = noted ? undefined : await keptConf(file);
    const isUnnoted = surprises.partnerUnnoted(of, { originalKept: before !== undefined });
    const earlier = isUnnoted ? await noteChange(manager, journal, partner, before!) : noted;
    const { original: keptBefore = "", change = "" } = earlier ?? {};
    return {
      observed: partner,
      file: path,
      change,
      original: keptBefore,
      evidence: [`${path} names ${partner}`],
    };
  }
  const change = await changeValue(file, {
    key: PARTNER_KEY,
    value: partner,
    bytes: original,
    problems: partnerProblems(manager.settings.conf, partner),
    again: async () => readSettings(spec, await lookAtHost(host, spec)).partner,
  });
  const diff = unifiedDiff(change, path);
  await entries.partner(spec.node).finish(journal, { change: diff, original: kept });
  return {
    observed: partner,
    file: path,
    change: diff,
    original: kept,
    evidence: [`${path} names ${partner}; read back by LeoFS's rules`],
  };
}
