import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pageOf } from "../../../../cli/report/page";
import { optionalProgram } from "../../support/optionalProgram";
import { someReport } from "./someReport";

const executablePath = optionalProgram("chromium", "chromium");
/** Where screenshots are to be kept, for a person to look at. Default: nowhere. */
const SHOTS = process.env.REPORT_SCREENSHOTS;

describe.skipIf(!executablePath)("the report in a real browser", () => {
  const directory = mkdtempSync(join(tmpdir(), "leofs-report-test-"));
  const file = join(directory, "report.html");
  let browser: Browser;
  beforeAll(async () => {
    writeFileSync(file, pageOf([someReport()]));
    const args = [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
    ];
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each([
    ["light", 1200],
    ["dark", 1200],
    ["light", 375],
    ["dark", 320],
  ] as const)(
    "in %s at %i pixels nothing is cut off, nothing is fetched, nothing runs",
    async (colorScheme, width) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
      const fetched: string[] = [];
      const said: string[] = [];
      page.on("request", (request) => fetched.push(request.url()));
      page.on("console", (message) => said.push(message.text()));
      page.on("dialog", (dialog) => {
        said.push(dialog.message());
        void dialog.dismiss();
      });
      await page.goto(pathToFileURL(file).href);
      const [room, needed] = (await page.evaluate("[innerWidth, document.documentElement.scrollWidth]")) as [
        number,
        number,
      ];
      expect(needed).toBeLessThanOrEqual(room);
      const [paper, ink] = (await page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]",
      )) as [string, string];
      expect(brightness(paper) > brightness(ink)).toBe(colorScheme === "light");
      expect(await page.locator("svg").count()).toBe(2);
      expect(await page.locator(".timeline .outage").count()).toBe(5);
      expect(await page.locator("pre").first().textContent()).toContain("managers = [");
      if (SHOTS)
        await page.screenshot({ path: join(SHOTS, `report-${colorScheme}-${width}.png`), fullPage: true });
      await page.close();
      expect([fetched, said]).toEqual([[pathToFileURL(file).href], []]);
    },
  );

  it("prints, black on white also for who reads in the dark", async () => {
    const page = await browser.newPage({ colorScheme: "dark" });
    await page.goto(pathToFileURL(file).href);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(0, 0, 0)");
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    if (SHOTS) writeFileSync(join(SHOTS, "report.pdf"), pdf);
    await page.close();
  });
});

/** Sum of the colour's parts in `rgb(...)`. */
const brightness = (colour: string): number =>
  [...colour.matchAll(/\d+/g)].slice(0, 3).reduce((sum, [part]) => sum + Number(part), 0);
