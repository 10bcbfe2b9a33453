import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readDumpFile, writeDumpPart } from "../../../../leofs/manager/dumpOnHost";
import type { LookedAt } from "../../../../leofs/manager/lookedAt";
import {
  compareDumps,
  type Dump,
  describeDifferences,
  revivedRows,
  summary,
  without,
} from "../../../../leofs/mnesia/dump";
import { parseDump } from "../../../../leofs/mnesia/heldDump";
import { LocalHost } from "../../support/localHost";

const directory = mkdtempSync(join(tmpdir(), "leofs-dump-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const manager = { host: new LocalHost(), as: undefined, place: { directory } } as unknown as LookedAt;
let files = 0;

function written(text: string): string {
  files += 1;
  const file = join(directory, `dump-${files}.txt`);
  writeFileSync(file, text, "latin1");
  return file;
}

async function onHost(text: string, proof = false): Promise<Dump> {
  const read = await readDumpFile(manager, written(text), { proof });
  if ("dump" in read) return read.dump;
  throw new Error(read.unread);
}

async function rowsOf(dump: Dump, tables: readonly string[]): Promise<string[]> {
  const rows: string[] = [];
  for await (const some of dump.rows(tables)) rows.push(...some);
  return rows;
}

const HEAD = `{tables,
    [{leo_s3_users,
         [{record_name,user_1},
          {attributes,[id,password,role_id,created_at,updated_at,del]}]},
     {leo_s3_endpoints,
         [{record_name,endpoint},{attributes,[endpoint,created_at]}]},
     {leo_ring_cur,[{record_name,ring},{attributes,[vnode_id,atom,clock]}]},
     {'Odd one',[{attributes,[key,value]}]},
     {leo_members_cur,[{record_name,member},{attributes,[node,alias,state]}]}]}.
`;
const ALICE = `{leo_s3_users,<<"al\\"ice. {x">>,<<"ba7f926c">>,1,
              63962595548,63962595548,false}.\n`;
const BOB = `{leo_s3_users,<<"b\xefb">>,<<1,2,255>>,1,63962595548,63962595548,false}.\n`;
const RING = "{leo_ring_cur,1,'storage_0@10.0.0.1',2}.\n{leo_ring_cur,12,'storage_0@10.0.0.1',2}.\n";
const ODD = `{'Odd one',"a long text that Erlang prints "
            "in two",[{a,[1.5e3,-2,"<0.1.2>",'#Ref<']},<<>>,#{a => 1,"b" =>
                "c"},\xe9t\xe9,[x|y],fun m:f/1]}.\n`;
const MEMBER = "{leo_members_cur,'storage_0@127.0.0.1',\"node_311b5b9e\",running}.\n";
const ROWS = BOB + RING + ALICE + ODD + MEMBER;

describe("a dump on a host", () => {
  test("is summed up there as on this machine, and no row comes", async () => {
    const host = await onHost(HEAD + ROWS, true);
    const here = parseDump(Buffer.from(HEAD + ROWS, "latin1"));
    expect(Object.fromEntries(host.tables)).toEqual(Object.fromEntries(here.tables));
    expect(summary(host)).toMatchObject({ leo_s3_users: { rows: 2 }, leo_s3_endpoints: { rows: 0 } });
  });

  test("gives the rows of the tables that are asked for, one a line, in the order of their bytes", async () => {
    const tables = ["leo_s3_users", "Odd one", "leo_ring_cur"];
    const rows = await rowsOf(await onHost(HEAD + ROWS), tables);
    expect(rows).toEqual(await rowsOf(parseDump(Buffer.from(HEAD + ROWS, "latin1")), tables));
    expect(rows).toContain(
      `{'Odd one',"a long text that Erlang prints in two",[{a,[1.5e3,-2,"<0.1.2>",'#Ref<']},<<>>,#{a => 1,"b" =>"c"},\xe9t\xe9,[x|y],fun m:f/1]}`,
    );
    expect(rows).toHaveLength(5);
  });

  test.each([
    ["", "empty", /empty/],
    ["hello world\n", "notADump", /does not begin/],
    ["{leo_s3_users,a}.\n", "notADump", /does not begin with/],
    ["\u0001\u0002\u0003\u0004cXM\u000b", "notADump", /backup-mnesia/],
    [HEAD + ALICE + "\0".repeat(100), "truncated", /zero bytes/],
    [`${HEAD}{nosuchtab,a}.\n`, "unknownTable", /a row of nosuchtab/],
    [`${HEAD}{leo_s3_endpoints,a}.\n`, "syntax", /1 fields, its table has 2/],
    [`${HEAD}{leo_s3_endpoints,a]}.\n`, "syntax", /1 rows of leo_s3_endpoints/],
    [`${HEAD}{leo_s3_endpoints,<<"x">>,<<"s3cr3t">> oops}.\n`, "syntax", /1 rows of leo_s3_endpoints/],
    [`${HEAD}{leo_s3_endpoints,<<1,2B3>>,7}.\n`, "syntax", /1 rows of leo_s3_endpoints/],
    [`${HEAD}<<"s3cr3t">>,.\n`, "syntax", /not a row/],
  ])("%j is refused as %s", async (text, kind, message) => {
    const refused = await onHost(text, true).catch((error: unknown) => error);
    expect(refused).toMatchObject({ kind, message: expect.stringMatching(message) });
    expect(String(refused)).not.toContain("s3cr3t");
  });

  test("that was cut in a term is refused as truncated", async () => {
    const whole = HEAD + ROWS;
    const ends = new Set([...whole.matchAll(/\}\.\n/g)].map((end) => end.index + end[0].length));
    for (let length = 3; length < whole.length; length += 61) {
      if (ends.has(length)) continue;
      await expect(onHost(whole.slice(0, length)), `cut at ${length}`).rejects.toMatchObject({
        kind: "truncated",
      });
    }
    await expect(onHost(whole.slice(0, -1))).rejects.toMatchObject({ kind: "truncated" });
  });

  test("that is not there is not read, and says why", async () => {
    expect(await readDumpFile(manager, join(directory, "gone"))).toMatchObject({
      unread: expect.stringContaining("gone"),
    });
  });

  test("of which rows are gone meanwhile is not mistaken for a shorter one", async () => {
    const file = written(HEAD + ROWS);
    const read = await readDumpFile(manager, file);
    if (!("dump" in read)) throw new Error(read.unread);
    rmSync(file);
    await expect(rowsOf(read.dump, ["leo_s3_users"])).rejects.toThrow("could not be read to its end");
  });
});

/** The dump as a host reads it on which a program is another one. */
async function withProgram(name: string, text: string): Promise<unknown> {
  const bin = mkdtempSync(join(directory, "bin-"));
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const host = new LocalHost("sh", { PATH: `${bin}:${process.env.PATH}` });
  return readDumpFile({ ...manager, host }, written(HEAD + ROWS)).catch((error: unknown) => error);
}

describe("a dump whose rows could not be digested", () => {
  test.each([
    ["sha256sum prints nothing", "sha256sum", "cat > /dev/null; exit 1"],
    ["sha256sum prints what is no digest", "sha256sum", "cat > /dev/null; echo out of memory"],
    [
      "sha256sum fails at one table",
      "sha256sum",
      `in=$(cat); case $in in *leo_ring*) exit 1 ;; esac
      PATH=\${PATH#*:}; printf '%s\\n' "$in" | sha256sum`,
    ],
    ["sha256sum gets no rows", "sha256sum", `PATH=\${PATH#*:}; cat > /dev/null; sha256sum < /dev/null`],
    ["sort does not bring tables together", "sort", "cat"],
  ])("has no facts: %s", async (_what, name, text) => {
    const read = await withProgram(name, text);
    expect(read).toBeInstanceOf(Error);
    expect(read).not.toMatchObject({ name: "DumpError" });
    expect(String(read)).toMatch(/could not be (digested|read to its end)/);
  });
});

describe("two dumps on hosts", () => {
  const compared = async (expected: string, actual: string) =>
    compareDumps(await onHost(HEAD + expected), await onHost(HEAD + actual));

  test("are equal whatever the order and the layout of their rows", async () => {
    const other = ALICE.replaceAll(/,\n */g, ",") + MEMBER + ODD.replace(/"\n *"/, "") + RING + BOB;
    expect(await compared(ROWS, other)).toMatchObject({ equal: true, tables: 5, rows: 6 });
  });

  test("differ in rows that are named, and only in these", async () => {
    const actual = ALICE.replace("ba7f926c", "0000") + ALICE.replace("al", "eve") + ODD + RING + MEMBER;
    const comparison = await compared(ROWS, actual.replace("running", "stop"));
    expect(describeDifferences(comparison)).toEqual([
      "leo_s3_users: 1 missing (leo_s3_users b\u00efb)",
      'leo_s3_users: 1 not expected (leo_s3_users eve"ice. {x)',
      'leo_s3_users: 1 changed (leo_s3_users al"ice. {x: password)',
    ]);
  });

  test("show what fresh tables brought back", async () => {
    const fresh = `{leo_s3_endpoints,<<"localhost">>,7}.\n`;
    const [expected, actual] = [await onHost(HEAD + ROWS), await onHost(HEAD + ROWS + fresh)];
    expect(revivedRows(expected, actual).map(({ label }) => label)).toEqual(["leo_s3_endpoints localhost"]);
    expect(revivedRows(actual, actual)).toEqual([]);
  });

  test("with many rows that differ: a thousand are named, all are counted", async () => {
    const many = Array.from({ length: 1500 }, (_, index) => ALICE.replace("al", `user${index}`)).join("");
    const comparison = await compared(many + RING, RING);
    expect(comparison.differences[0]!.missing).toHaveLength(1000);
    expect(describeDifferences(comparison, 1)[0]).toMatch(
      /^leo_s3_users: 1500 missing \(.* and 1499 more\)$/,
    );
  });
});

test("a part of a dump is written beside it, byte for byte, for its owner only", async () => {
  const file = written(HEAD + ROWS);
  const part = join(directory, "part.txt");
  const whole = await readDumpFile(manager, file);
  if (!("dump" in whole)) throw new Error(whole.unread);
  const some = without(whole.dump, ["leo_ring_cur", "leo_members_cur"]);
  await writeDumpPart(manager, file, some, part);
  const text = readFileSync(part, "latin1");
  expect(text.endsWith(`${BOB}${ALICE}${ODD}`)).toBe(true);
  expect(statSync(part).mode & 0o777).toBe(0o600);
  const read = await readDumpFile(manager, part, { proof: true });
  expect(read).toMatchObject({ dump: { tables: some.tables } });
  await expect(writeDumpPart(manager, `${file}.gone`, some, part)).rejects.toThrow("could not be written");
});

const awks = ["mawk", "gawk", "busybox"].filter((name) => {
  try {
    return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }) !== "";
  } catch {
    return false;
  }
});

function hostWith(awk: string): LocalHost {
  const bin = mkdtempSync(join(directory, "bin-"));
  const command = awk === "busybox" ? "busybox awk" : awk;
  writeFileSync(join(bin, "awk"), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  return new LocalHost("sh", { PATH: `${bin}:${process.env.PATH}` });
}

test.each(awks)("%s on a full disc: the part is not called written", async (name) => {
  const file = written(HEAD + ROWS);
  const whole = await readDumpFile(manager, file);
  if (!("dump" in whole)) throw new Error(whole.unread);
  const writing = writeDumpPart({ ...manager, host: hostWith(name) }, file, whole.dump, "/dev/full");
  await expect(writing).rejects.toThrow(/could not be written into \/dev\/full: .*No space left on device/);
});

test.each(
  awks.flatMap((name) =>
    ["<0.12.0>", "[<9045.12.0>]", "#Ref<0.1.2.3>", "#Port<0.5>", "{a,#Fun<t.0.16628349>}"].map((term) => [
      name,
      term,
    ]),
  ),
)("%s: a row with %s, which no Erlang reads back, is refused and not shown", async (name, term) => {
  const file = written(`${HEAD}{leo_s3_endpoints,<<"s3cr3t">>,${term}}.\n`);
  const refused = await readDumpFile({ ...manager, host: hostWith(name!) }, file, { proof: true }).catch(
    (error: unknown) => error,
  );
  const message = expect.stringMatching(/^1 rows of leo_s3_endpoints hold a pid/);
  expect(refused).toMatchObject({ kind: "unloadable", message });
  expect(String(refused)).not.toContain("s3cr3t");
});

test.each(awks)("%s understands the scripts", async (name) => {
  const host = hostWith(name);
  const read = await readDumpFile({ ...manager, host }, written(HEAD + ROWS), { proof: true });
  const here = parseDump(Buffer.from(HEAD + ROWS, "latin1"));
  expect(read).toMatchObject({ dump: { tables: here.tables } });
});
