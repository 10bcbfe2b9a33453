import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeDumpPart } from "../../../../leofs/manager/dumpOnHost";
import type { LookedAt } from "../../../../leofs/manager/site";
import { LocalHost } from "../../support/localHost";

const directory = mkdtempSync(join(tmpdir(), "leofs-dump-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const DUMP = `{tables,[{leo_s3_users,[{record_name,user},{attributes,[id]}]},{sv_schemas,[{record_name,sv},{attributes,[name]}]}]}.
{leo_s3_users,<<"al\xefce">>}.
{sv_schemas,<<"vm_stats">>}.
`;

test("a part of a dump is written beside it, byte for byte, for its owner only", async () => {
  const [file, part] = [join(directory, "dump.txt"), join(directory, "part.txt")];
  writeFileSync(file, DUMP, "latin1");
  const site = { host: new LocalHost(), as: undefined } as unknown as LookedAt;
  await writeDumpPart(site, file, ["leo_s3_users"], part);
  const text = readFileSync(part, "latin1");
  expect(text).toContain('{leo_s3_users,<<"al\xefce">>}.\n');
  expect(text).not.toContain("sv_schemas");
  expect(statSync(part).mode & 0o777).toBe(0o600);
  await expect(writeDumpPart(site, `${file}.gone`, [], part)).rejects.toThrow("could not be read");
});
