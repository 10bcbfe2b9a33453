import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { ACCEPTABLE } from "../leofs/checks/table";
import { SECTIONS } from "../recovery/settings/schema";
import { packageRoot } from "./paths";

/** The page that lists every setting. */
export const SETTINGS_PAGE = "docs/settings.md";

const MARK = "<!-- Below: made from recovery/settings/schema.ts by npm run docs:settings -->\n";

function row([name, kind]: [string, z.ZodType]): string {
  const { description = "", fallback } = (kind.meta() ?? {}) as { description?: string; fallback?: string };
  return `| \`${name}\` | ${description} | ${fallback ?? "required"} |`;
}

function section([title, keys]: (typeof SECTIONS)[number]): string {
  const rows = Object.entries(keys.shape as Record<string, z.ZodType>).map(row);
  return `## ${title}\n\n| setting | meaning | default |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function acceptable(): string {
  const rows = [...ACCEPTABLE].map(([name, said]) => `| \`${name}\` | ${said} |`);
  return `## accept\n\n| name | by writing it you say |\n|---|---|\n${rows.join("\n")}\n`;
}

/** The page with the settings in it that today's schema has. */
export const withSettings = (page: string): string =>
  `${page.split(MARK)[0]}${MARK}\n${[...SECTIONS.map(section), acceptable()].join("\n")}`;

if (require.main === module) {
  const file = join(packageRoot(), SETTINGS_PAGE);
  writeFileSync(file, withSettings(readFileSync(file, "utf8")));
}
