import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./paths";
import { picture } from "./rooms";

/** The page with the picture. */
export const PAGE = "docs/architecture.md";

/** A page with the picture in it that today's code gives. */
export const withPicture = (page: string): string => page.replace(/```mermaid\n[\s\S]*?```/, picture());

if (require.main === module) {
  const file = join(packageRoot(), PAGE);
  writeFileSync(file, withPicture(readFileSync(file, "utf8")));
}
