import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { effectiveConf, settingOf } from "../../../leofs/conf/conf";
import { parseGenerated } from "../../../leofs/conf/generated";
import { checkJson } from "../../../leofs/console/consoleProtocol";
import {
  bucketsFromJson,
  endpointsFromJson,
  statusFromJson,
  usersFromJson,
} from "../../../leofs/console/jsonReplies";
import {
  bucketsFromText,
  endpointsFromText,
  statusFromText,
  usersFromText,
} from "../../../leofs/console/textReplies";
import { compareDumps, summary } from "../../../leofs/mnesia/dump";
import { parseDump } from "../../../leofs/mnesia/heldDump";
import { examineDirectory, examineFile } from "../../../leofs/mnesia/mnesiaFiles";
import { lastStopped, mnesiaDownMarks } from "../../../leofs/mnesia/mnesiaMarks";
import { readSchema } from "../../../leofs/mnesia/schemaFile";
import { TABLES } from "../../../leofs/mnesia/tables";

/** What a real LeoFS 1.4.4 cluster wrote; skipped where the recordings are not at hand. */
const recordings = process.env.LEOFS_RECORDINGS ?? join(__dirname, "../../../../shared/leofs");
const data = (name: string) => readFileSync(join(recordings, "data", name));
const present = existsSync(join(recordings, "data"));

describe.skipIf(!present)("recordings of LeoFS 1.4.4 (LEOFS_RECORDINGS)", () => {
  test("a dump is read whole", async () => {
    const dump = parseDump(data("dump-mnesia-data.txt"));
    expect([...dump.tables.keys()].sort()).toEqual([...TABLES].sort());
    const counts = summary(dump);
    expect(counts.leo_ring_cur?.rows).toBe(168);
    expect(counts.leo_s3_users?.rows).toBe(5);
    expect(counts.leo_s3_credentials?.rows).toBe(4);
    expect((await compareDumps(dump, dump)).equal).toBe(true);
  });

  test.each([
    ["status", statusFromJson, statusFromText],
    ["get-users", usersFromJson, usersFromText],
    ["get-buckets", bucketsFromJson, bucketsFromText],
    ["get-endpoints", endpointsFromJson, endpointsFromText],
  ])("%s says the same as JSON and as text", (name, fromJson, fromText) => {
    const reply = (port: number) =>
      data(`console-${port}-${name}.bin`)
        .toString()
        .replace(/BYE\r\n$/, "");
    const read = fromJson(checkJson(name, reply(10020)));
    expect(fromText(reply(10010))).toEqual(read);
    expect(JSON.stringify(read)).toMatch(/433fe365|1\.5\.0|carol|photo|s3\.test\.local/);
  });

  test("what a manager was configured with and started with agree", () => {
    for (const [name, role] of [["manager_0", "master"] as const, ["manager_1", "slave"] as const]) {
      const conf = effectiveConf(data(`${name}.conf-values.txt`).toString());
      const generated = parseGenerated({
        appConfig: data(`${name}.app.config`).toString("latin1"),
        vmArgs: data(`${name}.vm.args`).toString("latin1"),
      });
      expect(conf).toMatchObject({ warnings: [], broken: [] });
      expect(generated).toMatchObject({
        node: settingOf(conf, "nodename", role),
        cookie: settingOf(conf, "distributed_cookie", role),
        partners: [settingOf(conf, "manager.partner", role)],
        mode: settingOf(conf, "manager.mode", role),
        mnesiaDir: settingOf(conf, "mnesia.dir", role),
        consolePort: Number(settingOf(conf, "console.port.cui", role)),
        jsonPort: Number(settingOf(conf, "console.port.json", role)),
        bindAddress: settingOf(conf, "console.bind_address", role),
      });
    }
  });

  test("Mnesia directories are intact and tell which manager stopped last", () => {
    const scratch = mkdtempSync(join(tmpdir(), "leofs-recorded-"));
    try {
      const directory = (name: string) => {
        const place = join(mkdtempSync(join(scratch, "d-")), "127.0.0.1");
        execFileSync("tar", [
          "xzf",
          join(recordings, "data", `${name}.mnesia.tar.gz`),
          "-C",
          join(place, ".."),
        ]);
        const files = readdirSync(place).map((file) => ({
          name: file,
          bytes: readFileSync(join(place, file)),
        }));
        expect(
          examineDirectory(files.map((file) => ({ name: file.name, size: file.bytes.length }))).state,
        ).toBe("complete");
        for (const file of files)
          expect(examineFile(file.name, file.bytes), file.name).toEqual({ verdict: "intact" });
        const read = (file: string) => readFileSync(join(place, file));
        return {
          node: `${name}@127.0.0.1`,
          marks: mnesiaDownMarks(read("DECISION_TAB.LOG"), read("LATEST.LOG")),
          schema: readSchema(read("schema.DAT")),
        };
      };
      const [one, other] = [directory("manager_0"), directory("manager_1")];
      expect(lastStopped(one, other)).toEqual({
        node: "manager_0@127.0.0.1",
        evidence: "manager_0@127.0.0.1 noted manager_1@127.0.0.1 going down at 2026-11-22 19:39:35",
      });
      expect(one.schema.cookie).toBe(other.schema.cookie);
      expect([...one.schema.copies.keys()].sort()).toEqual([...TABLES, "schema"].sort());
      for (const nodes of one.schema.copies.values())
        expect(nodes).toEqual(["manager_0@127.0.0.1", "manager_1@127.0.0.1"]);
    } finally {
      rmSync(scratch, { recursive: true });
    }
  });
});
