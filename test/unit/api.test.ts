import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packageRoot } from "../../tools/paths";

test("what programs of one's own build on is as docs/leofs-recovery.api.md has it (npm run docs:api writes it again)", async () => {
  const extractor = dirname(createRequire(__filename).resolve("@microsoft/api-extractor/package.json"));
  const run = promisify(execFile)(process.execPath, [join(extractor, "bin", "api-extractor"), "run"], {
    cwd: packageRoot(),
  });
  await expect(run.then(({ stdout }) => stdout)).resolves.toContain("completed successfully");
}, 120_000);
