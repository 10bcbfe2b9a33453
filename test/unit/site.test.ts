import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { packageRoot } from "../../tools/paths";

const out = mkdtempSync(join(tmpdir(), "leofs-site-test-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test("npm run docs makes the site of the pages and the API, without a warning", async () => {
  const typedoc = join(dirname(createRequire(__filename).resolve("typedoc/package.json")), "bin/typedoc");
  const run = promisify(execFile)(process.execPath, [typedoc, "--out", out], { cwd: packageRoot() });
  await run.catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
  expect(existsSync(join(out, "documents", "docs_screens.html")), out).toBe(true);
}, 120_000);
