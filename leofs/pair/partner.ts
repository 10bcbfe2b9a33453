import { script } from "../../remote/script";
import { type ConfChange, partnerProblems, setValue, unifiedDiff } from "../conf/conf";
import { finish, type JournalRecord, readJournal } from "../incident/journal";
import { lookAtHost } from "../manager/look";
import { PARTNER_KEY, type PartnerFile, partnerFile, readSettings } from "../manager/settings";
import type { Site } from "../manager/site";

/** The partner that LeoFS would read from the conf at the next start; empty when it would read none. */
export const currentPartner = (site: Site): string => site.settings.partner ?? "";

/** The change that would make a conf name this partner: one line, nothing else. */
export const plannedChange = (file: PartnerFile, partner: string): ConfChange =>
  setValue(file.bytes ?? "", PARTNER_KEY, partner);

/** Where the conf as it was before an incident is kept: outside `etc/`, where LeoFS's generator would find it. */
export const keptConfOf = (site: Site): string =>
  `${site.place.directory}/${fileOf(site).path.replace(/^.*\//, "")}.${site.manager.node}`;

/** The file that says who the partner is. */
export const fileOf = ({ facts, settings }: Site): PartnerFile => partnerFile(facts, settings.conf);

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

const REPLACE = script("leofs/pair/scripts/replace-conf.sh");

/**
 * Puts other bytes in a manager's conf: written beside the old one (a name LeoFS does not read), synced, and renamed
 * over it with the old one's mode and owner. What was there before the incident is kept first, once.
 *
 * @param bytes latin1, as `HostFacts` has it
 * @throws when it could not be done; the conf is then as it was.
 */
export async function replaceConf(site: Site, bytes: string): Promise<void> {
  const { host, as } = site;
  const { path } = fileOf(site);
  const buffer = Buffer.from(bytes, "latin1");
  const values = { file: path, kept: keptConfOf(site), bytes: buffer.length };
  const { code, stderr } = await host.run(REPLACE, values, { as, stdin: buffer });
  if (code !== 0)
    throw new Error(
      `${host.label}: ${path} could not be changed: ${stderr.trim() || "the staged copy was not what was sent"}. It is as it was.`,
    );
}

/** The change of a run that ended before it could note it: told by what was kept. */
async function unnoted(site: Site, partner: string): Promise<JournalRecord | undefined> {
  const original = await keptConf(site);
  if (original === undefined) return undefined;
  const change = unifiedDiff(setValue(original, PARTNER_KEY, partner), fileOf(site).path);
  const record = { change, original: keptConfOf(site) };
  await finish(site.place, `partner.${site.manager.node}`, record);
  return record;
}

const READ_KEPT = script("leofs/pair/scripts/read-kept-conf.sh");

/** The conf as it was before the incident, latin1; undefined when the recovery did not come to change it. */
export async function keptConf(site: Site): Promise<string | undefined> {
  const { host, as } = site;
  const path = keptConfOf(site);
  const { code, stdout, stderr } = await host.run(READ_KEPT, { path }, { as, encoding: "latin1" });
  if (code === 4) return undefined;
  if (code !== 0) throw new Error(`${host.label}: ${path} could not be read: ${stderr.trim()}`);
  return stdout;
}

/**
 * Makes a manager's conf name `partner`: one value changes and no other byte.
 *
 * @throws when LeoFS would still read another partner: an override in `leo_manager.d`, a line it cannot parse.
 */
export async function changePartner(site: Site, partner: string): Promise<PartnerResult> {
  const { host, manager, place } = site;
  const { path, bytes: original } = fileOf(site);
  const kept = keptConfOf(site);
  if (original === undefined)
    throw new Error(`${host.label}: ${path} is not there; install the manager's conf first.`);
  if (site.settings.partner === partner) {
    const earlier =
      (await readJournal(place)).done.get(`partner.${manager.node}`) ?? (await unnoted(site, partner));
    const keptBefore = typeof earlier?.original === "string" ? earlier.original : "";
    const change = typeof earlier?.change === "string" ? earlier.change : "";
    return {
      observed: partner,
      file: path,
      change,
      original: keptBefore,
      evidence: [`${path} names ${partner}`],
    };
  }
  const problems = partnerProblems(site.settings.conf, partner);
  if (problems.length > 0) throw new Error(`${host.label}: ${problems.join(" ")} Nothing was changed.`);
  const change = setValue(original, PARTNER_KEY, partner);
  await replaceConf(site, change.text);
  const seen = readSettings(manager, await lookAtHost(host, manager)).partner ?? "";
  if (seen !== partner)
    throw new Error(
      `${host.label}: ${path} was changed, but LeoFS would read ${seen || "no partner"} from it`,
    );
  const diff = unifiedDiff(change, path);
  await finish(place, `partner.${manager.node}`, { change: diff, original: kept });
  return {
    observed: partner,
    file: path,
    change: diff,
    original: kept,
    evidence: [`${path} names ${partner}; read back by LeoFS's rules`],
  };
}
