import { expressions } from "../erlang/expressions";
import { atom, list } from "../erlang/terms";
import type { Manager } from "../manager/manager";
import { askIfThere } from "../manager/ready";
import { currentPartner } from "./partner";

const SET = expressions("leofs/pair/questions/partner-in-memory.erl");

/**
 * Makes a manager that was not stopped count its new partner in its memory too, as it would after its next start: its conf
 * names that one by now. Nothing where it was started since.
 *
 * @throws when its conf does not name the new partner: then the next start would undo it.
 */
export async function partnerInMemory(serving: Manager, other: Manager): Promise<void> {
  const { node } = other.spec;
  const evidence = await askIfThere(serving);
  if (!evidence || evidence.partners.join() === node) return;
  if (currentPartner(serving) !== node)
    throw new Error(
      `${serving.host.label}: the conf of ${serving.spec.node} names the partner ${currentPartner(serving) || "none"} and not ${node}. Set manager.partner = ${node} there, then run pulumi up again.`,
    );
  await setPartners(serving, [node]);
}

/** Sets whom a running manager counts as its partners. */
export const setPartners = (serving: Manager, partners: readonly string[]): Promise<unknown> =>
  serving.ask(SET, { Partners: list(partners.map(atom)) });
