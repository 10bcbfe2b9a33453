import { verifyBackup } from "../../leofs/incident/backups/backupPlace";
import { dumpFileOf } from "../../leofs/incident/backups/dumpBackup";
import { entries } from "../../leofs/incident/entries";
import { requireSubjects } from "../../leofs/incident/subjects";
import { importDump } from "../../leofs/pair/importDump";
import { pairByRole } from "../../leofs/pair/pair";
import { unseen } from "../../leofs/planLine";
import { startedPair } from "../session/startedPair";
import type { ImportKind } from "./mnesiaImportTypes";

/** A dump, loaded into a running, fresh pair. */
export const dumpImport: ImportKind = {
  async look(session, inputs) {
    const { from, to } = inputs;
    const seen = await session.glance(from, inputs);
    if ("problem" in seen) return { plan: [unseen(from.node, seen.problem)] };
    if (entries.load.isDone(seen.seen.journal)) return { plan: [] };
    return {
      ready: await startedPair(session, [from, to], inputs),
      plan: [
        `wait until ${from.node} and ${to.node} hold every table on disc (4 to 10 s; a slave that gives up is started again)`,
        `load the dump once, on ${from.node}; it is replicated to ${to.node}`,
        "compare every row of both managers with the dump",
        "  remove what LeoFS's fresh tables brought back (_test_leofs with its public key, default endpoints) where the dump does not have it",
      ],
    };
  },

  async converge(session, inputs, run) {
    const { managers, incident } = await session.openForWork([inputs.from, inputs.to], inputs);
    const [from, to] = managers;
    requireSubjects(incident.journals, { good: inputs.from.node, other: inputs.to.node });
    await verifyBackup(incident.on(from), inputs.path);
    const result = await importDump(
      pairByRole(from, to),
      from,
      incident,
      dumpFileOf(inputs.path),
      run.progress.step,
    );
    run.progress.note(result.evidence[0] ?? "");
    return result;
  },
};
