import { entries } from "../../leofs/incident/entries";
import { isUnfinished } from "../../leofs/incident/incident";
import type { Noted } from "../../leofs/incident/journal";
import type { RecoveryOutcome } from "../../recovery/outcome";

/** What an incident came to by the journals; `nothing`: they say nothing of an end, or there are none. */
type End = "proven" | "rolled back" | "half-way" | "nothing";

/** The outcome of an incident, and what a reader must know of where it comes from. */
export interface Told {
  /** Undefined: it came to no end, as far as is known. */
  outcome: RecoveryOutcome | undefined;
  gaps: string[];
}

/**
 * The outcome of an incident. A stack keeps its outputs until an `up` succeeds, with all of its clusters: they may be of an
 * incident before this one, or lack what was proven since. So they count only where the hosts do not say otherwise.
 *
 * @param said the outcome in the stack's outputs; undefined: there is none
 * @param journals of the hosts that were asked
 */
export function outcomeOfIncident(
  incident: string,
  said: RecoveryOutcome | undefined,
  journals: readonly Noted[],
): Told {
  const end = endOf(journals);
  if (said && (said.incident ?? incident) === incident && agree(said.verdict, end))
    return { outcome: said, gaps: [] };
  const noted = "What stands here is what the hosts noted.";
  const older = said
    ? [`The stack's outputs are older (${said.verdict}, ${said.incident ?? "another incident"}). ${noted}`]
    : [];
  if (end === "half-way")
    return {
      outcome: undefined,
      gaps: [
        `HALF-WAY: the recovery of incident ${incident} was begun and is not over. Go on: pulumi up with incident ${incident}. Go back: the same with rollback: true.`,
        ...older,
      ],
    };
  if (end === "nothing") return { outcome: undefined, gaps: older };
  return {
    outcome: notedOutcome(incident, end, journals),
    gaps: older.length > 0 ? older : [`The stack's outputs do not have this outcome yet. ${noted}`],
  };
}

function endOf(journals: readonly Noted[]): End {
  if (journals.some((journal) => entries.rollback.isDone(journal))) return "rolled back";
  if (journals.some((journal) => entries.proven.isDone(journal))) return "proven";
  return isUnfinished(journals) ? "half-way" : "nothing";
}

/** Whether a verdict can be of an incident that came to this end. A run of chosen resources has a verdict that claims nothing. */
function agree(verdict: string, end: End): boolean {
  const claimed = verdict.startsWith("recovered")
    ? "proven"
    : verdict === "rolled back"
      ? verdict
      : "half-way";
  return end === "nothing" || claimed === end;
}

/** What the journals say of the end. Backups and next steps are in the outputs alone. */
function notedOutcome(
  incident: string,
  end: "proven" | "rolled back",
  journals: readonly Noted[],
): RecoveryOutcome {
  const [noted] = journals.flatMap(
    (journal) => (end === "proven" ? entries.proven : entries.rollback).done(journal) ?? [],
  );
  const { evidence = [], outageSeconds = 0, at } = noted ?? {};
  const isDebt = (line: string) => line.startsWith("debt: ");
  const debt = evidence.filter(isDebt).map((line) => line.slice("debt: ".length));
  const recovered = debt.length > 0 ? "recovered with debt" : "recovered";
  return {
    incident,
    verdict: end === "proven" ? recovered : "rolled back",
    provenAt: end === "proven" ? String(at ?? "") : "",
    outageSeconds,
    evidence: evidence.filter((line) => !isDebt(line)),
    backups: {},
    debt,
    nextSteps: [
      "once an up of the stack succeeded: make this report again, which names backups and next steps",
    ],
  };
}
