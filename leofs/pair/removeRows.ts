import { expressions } from "../erlang/expressions";
import { atom, atomName, binary, formatTerm, list, textOf, tuple } from "../erlang/terms";
import type { Manager } from "../manager/manager";
import type { RowReference } from "../mnesia/dump";

const REMOVE_ROWS = expressions("leofs/pair/questions/remove-rows.erl");

/**
 * Removes rows that LeoFS's fresh tables brought back and the dump does not have: above all the credential of
 * `_test_leofs`, whose secret key is public. One transaction, replicated to both managers.
 */
export async function removeRows(manager: Manager, rows: readonly RowReference[]): Promise<void> {
  const keys = rows.map(({ table, key }) => tuple(atom(table), binary(textOf(key) ?? "")));
  const answer = await manager.ask(REMOVE_ROWS, { Rows: list(keys) }, { seconds: 30, once: true });
  const verdict = answer.kind === "tuple" ? atomName(answer.items[0]) : undefined;
  if (verdict !== "atomic")
    throw new Error(
      `${manager.spec.node} did not remove ${rows.map((row) => row.label).join(", ")}, which LeoFS writes into fresh tables and the dump does not have: ${formatTerm(answer)}. Run pulumi up again: it tries once more.`,
    );
}
