import { Markup, markup, type Markup as Text } from "./escape";
import { pictureSvg } from "./picture";
import type { Report } from "./report";
import { STYLE } from "./style";
import { backupLines, clockOf, headLine, minutesOf, stepsOf } from "./words";

/** The reports as one page that needs nothing else: no script, no font, no picture from anywhere. */
export function pageOf(reports: readonly Report[]): string {
  const title = `Recovery of ${reports.map(({ cluster }) => cluster).join(", ")}`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${reports.map(article)}
</body>
</html>
`.text;
}

function article(report: Report): Text {
  const { cluster, incident, outcome, outage, before, after, timeline, gaps, writtenAt } = report;
  const good = outcome?.verdict === "recovered";
  return markup`<article>
<h1>${cluster}: <span class="verdict ${good ? "good" : "bad"}">${outcome?.verdict ?? "not recovered"}</span></h1>
<p>${headLine(report)}</p>
<p class="soft">Incident ${incident}; written ${minutesOf(writtenAt)}. Times are UTC.</p>
${gaps.map((gap) => markup`<p class="bad">${gap}</p>`)}
${
  before || after
    ? markup`<h2>Before and after</h2>
<div class="pictures">
${[...figure(before, "before"), ...figure(after, "after")]}
</div>`
    : undefined
}
${
  timeline.length > 0
    ? markup`<h2>What happened</h2>
${outage ? markup`<p>The outage of the managers is marked: ${outcome?.outageSeconds} s, from ${clockOf(outage.from)} to ${clockOf(outage.to)}. S3 went on.</p>` : undefined}
<ol class="timeline">
${timeline.map(({ at, what, inOutage }) => markup`<li${new Markup(inOutage ? ' class="outage"' : "")}><time datetime="${at}">${clockOf(at)}</time>${what}</li>`)}
</ol>`
    : undefined
}
${list("Evidence", outcome?.evidence)}
${
  outcome && Object.keys(outcome.backups).length > 0
    ? markup`<h2>Backups</h2>
<dl>
${backupLines(outcome).map(({ name, lines }) => markup`<dt>${name}</dt>${lines.map((line) => markup`<dd>${line}</dd>`)}`)}
</dl>`
    : undefined
}
${list("Debt", outcome?.debt)}
${
  outcome && outcome.nextSteps.length > 0
    ? markup`<h2>Next steps</h2>
<ol>
${stepsOf(outcome).map(({ text, command }) => markup`<li>${text}${command === undefined ? undefined : markup`<pre>${command}</pre>`}</li>`)}
</ol>`
    : undefined
}
</article>`;
}

const figure = (picture: Report["before"], name: string): Text[] =>
  picture ? [markup`<figure><figcaption>${name}</figcaption>${pictureSvg(picture, name)}</figure>`] : [];

const list = (title: string, lines: readonly string[] | undefined): Text | undefined =>
  lines && lines.length > 0
    ? markup`<h2>${title}</h2>
<ul>
${lines.map((line) => markup`<li>${line}</li>`)}
</ul>`
    : undefined;
