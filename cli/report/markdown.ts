import { codeInMarkdown, inMarkdown } from "./escape";
import { inWords } from "./picture";
import type { Report } from "./report";
import { backupLines, clockOf, headLine, minutesOf, stepsOf } from "./words";

/** The reports as Markdown, for a ticket or a mail. */
export const markdownOf = (reports: readonly Report[]): string => `${reports.map(section).join("\n\n")}\n`;

function section(report: Report): string {
  const { cluster, incident, outcome, outage, before, after, timeline, gaps, writtenAt } = report;
  const text = inMarkdown;
  const blocks: (string | undefined)[] = [
    `# ${text(cluster)}: ${text(outcome?.verdict ?? "not recovered")}`,
    text(headLine(report)),
    `Incident ${text(incident)}; written ${minutesOf(writtenAt)}. Times are UTC.`,
    ...gaps.map((gap) => `**${text(gap)}**`),
    before && `Before: ${text(inWords(before))}.`,
    after && `After: ${text(inWords(after))}.`,
    listed("What happened", [
      ...(outage
        ? [`outage of the managers from ${clockOf(outage.from)} to ${clockOf(outage.to)}, marked with !`]
        : []),
      ...timeline.map(({ at, what, inOutage }) => `${clockOf(at)} ${inOutage ? "! " : ""}${text(what)}`),
    ]),
    listed("Evidence", outcome?.evidence.map(text)),
    listed(
      "Backups",
      outcome &&
        backupLines(outcome).flatMap(({ name, lines }) => lines.map((line) => `${name}: ${text(line)}`)),
    ),
    listed("Debt", outcome?.debt.map(text)),
    listed(
      "Next steps",
      outcome &&
        stepsOf(outcome).map(({ text: step, command }) =>
          command === undefined ? text(step) : `${text(step)}\n  ${codeInMarkdown(command)}`,
        ),
    ),
  ];
  return blocks.filter(Boolean).join("\n\n");
}

const listed = (title: string, lines: readonly string[] | undefined): string | undefined =>
  lines && lines.length > 0 ? `## ${title}\n\n${lines.map((line) => `- ${line}`).join("\n")}` : undefined;
