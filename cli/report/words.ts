import type { RecoveryOutcome } from "../../recovery/outcome";
import type { Report } from "./report";

/** `2026-11-22 03:14` of an ISO time. */
export const minutesOf = (iso: string): string => iso.slice(0, 16).replace("T", " ");
/** `03:14:15` of an ISO time. */
export const clockOf = (iso: string): string => iso.slice(11, 19);

/** What was done and how long nobody served, in a sentence. */
export function headLine({ what, outcome, outage }: Report): string {
  const proven = outcome?.provenAt ? `, proven ${minutesOf(outcome.provenAt)}` : "";
  const seconds = outcome?.outageSeconds ?? 0;
  const lasted = seconds > 0 ? `; the managers were out for ${seconds} s` : outage ? "" : "; no outage";
  return outcome ? `${what}${proven}${lasted}.` : `${what}: there is no outcome yet.`;
}

/** The backups, each in lines: what, where, how big, by what it is known again. */
export const backupLines = ({ backups }: RecoveryOutcome): { name: string; lines: string[] }[] =>
  Object.entries(backups)
    .filter(([, { path }]) => path !== "")
    .map(([name, { path, node, bytes, digest, secondCopies = [] }]) => ({
      name: name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
      lines: [
        `${node}: ${path}`,
        `${bytes} bytes, SHA-256 ${digest}`,
        ...secondCopies.map((copy) => `second copy: ${copy}`),
      ],
    }));

/** A next step, with what is to be typed or written apart where the sentence has it in quotation marks. */
export const stepsOf = ({ nextSteps }: RecoveryOutcome): { text: string; command?: string }[] =>
  nextSteps.map((text) => {
    const [, command] = /"([^"]+)"/.exec(text) ?? [];
    return command === undefined
      ? { text }
      : { text: text.replace(`"${command}"`, "what stands below"), command };
  });
