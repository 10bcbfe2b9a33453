import { describe, expect, it } from "vitest";
import { markdownOf } from "../../../../cli/report/markdown";
import { pageOf } from "../../../../cli/report/page";
import { outageOf, timelineOf } from "../../../../cli/report/report";
import { journal, someReport } from "./someReport";

describe("a report", () => {
  it("tells what the journals of both hosts noted, once and in order, and what of it was in the outage", () => {
    const outage = outageOf([journal], 15);
    expect(outage).toEqual({ from: "2026-11-22T03:00:00.000Z", to: "2026-11-22T03:00:15.000Z" });
    const said = timelineOf([journal, journal], outage).map(({ what, inOutage }) => [what, inOutage]);
    expect(said.map(([, inOutage]) => inOutage)).toEqual([false, false, true, true, true, true, true]);
    expect(said.slice(1).map(([what]) => what)).toEqual([
      "dump taken: /backups/dump",
      "stopping manager_1@10.0.0.12",
      "manager_1@10.0.0.12 stopped",
      "Mnesia directory of manager_1@10.0.0.12 moved aside to /srv/mnesia.lost",
      "dump loaded, every row compared",
      "recovered: proven on both managers and every running node",
    ]);
  });

  it("has no outage where no manager with the data was stopped", () => {
    expect(outageOf([{ begun: new Map(), done: journal.done }], 0)).toBeUndefined();
  });

  it("loads nothing and runs nothing, whatever the texts are", () => {
    const page = pageOf([someReport()]);
    const tags = [...page.matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag.replaceAll(/"[^"]*"/g, "''"));
    const made =
      /^<(html|head|meta|title|style|body|article|h[12]|span|p|div|figure|figcaption|svg|g|rect|text|line|ol|ul|li|time|dl|dt|dd|pre)\b/;
    expect(tags.filter((tag) => !made.test(tag) || /\b(src|href|on\w+)=/.test(tag))).toEqual([]);
    expect(page).not.toMatch(/@import|url\(/);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;");
    expect(page).not.toContain("\u202e");
    expect(page).toContain("default-src 'none'");
  });

  it("has the same in Markdown, with no sign of a text at work", () => {
    const text = markdownOf([someReport()]);
    expect(text).toContain("# production: recovered");
    expect(text).toContain("03:00:05 ! Mnesia directory of manager_1@10.0.0.12 moved aside");
    expect(text).not.toMatch(/<script|<img/);
  });

  it("draws many nodes as few boxes", () => {
    expect(pageOf([someReport(60)])).toContain("60 storage nodes");
    expect(pageOf([someReport(3)])).toContain("storage_2@10.0.1.2");
  });
});
