import { effectiveConf, setValue } from "../../conf/conf";
import { PARTNER_KEY } from "../../manager/settings";
import type { Site } from "../../manager/site";
import { currentPartner, fileOf, keptConf, keptConfOf, replaceConf } from "../partner";

/**
 * Puts a manager's conf back byte for byte, mode and owner kept. What a person changed in it since stays: then the
 * partner alone goes back to what it was.
 *
 * @returns the evidence; undefined when there was nothing to put back.
 * @throws when the conf was changed so that the old partner cannot be put back; nothing is changed then.
 */
export async function returnConf(site: Site): Promise<string | undefined> {
  const { host } = site;
  const { path, bytes: current } = fileOf(site);
  const kept = await keptConf(site);
  if (kept === undefined) return undefined;
  if (kept === current) return `${path} is the one from before, byte for byte`;
  const partner = currentPartner(site);
  const changed = partner === "" ? undefined : setValue(kept, PARTNER_KEY, partner).text;
  if (current === undefined || current === changed) {
    await replaceConf(site, kept);
    return `${path} is the one from before, byte for byte`;
  }
  const before = effectiveConf(kept).values.get(PARTNER_KEY)?.value;
  if (before === undefined)
    throw new Error(
      `${host.label}: ${path} was edited since the recovery changed it, and the one from before names no partner. Compare it with ${keptConfOf(site)} and put it right by hand, then run pulumi up again.`,
    );
  await replaceConf(site, setValue(current, PARTNER_KEY, before).text);
  return `${path} names ${before} again; it was edited since by somebody, and the rest of it is left as it is (the one from before: ${keptConfOf(site)})`;
}
