import { describe, expect, test } from "vitest";
import { integer, parseTerm } from "../../../../leofs/erlang/terms";
import {
  compareDumps,
  DumpError,
  describeDifferences,
  missingTables,
  revivedRows,
  rowLabel,
  summary,
  without,
} from "../../../../leofs/mnesia/dump";
import { parseDump } from "../../../../leofs/mnesia/heldDump";
import { TABLES } from "../../../../leofs/mnesia/tables";

const HEADER = `{tables,
    [{leo_s3_users,
         [{record_name,user_1},
          {attributes,[id,password,role_id,created_at,updated_at,del]}]},
     {leo_s3_user_credential,
         [{record_name,user_credential},
          {attributes,[user_id,access_key_id,created_at]}]},
     {leo_s3_endpoints,
         [{record_name,endpoint},{attributes,[endpoint,created_at]}]},
     {leo_s3_credentials,
         [{record_name,credential},
          {attributes,[access_key_id,secret_access_key,created_at]}]},
     {leo_members_cur,
         [{record_name,member},{attributes,[node,alias,state]}]},
     {leo_storage_nodes,
         [{record_name,node_state},
          {attributes,
              [node,state,ring_hash_new,ring_hash_old,when_is,error]}]}]}.
`;
const ALICE = '{leo_s3_users,<<"alice">>,<<"ba7f926c">>,1,63962595548,63962595548,false}.\n';
const KEY = '{leo_s3_credentials,<<"eae274b21c5e90a4361d">>,<<"s3cr3t">>,63962595548}.\n';
const MEMBER = "{leo_members_cur,'storage_0@127.0.0.1',\"node_311b5b9e\",running}.\n";
const NODE = '{leo_storage_nodes,\'storage_0@127.0.0.1\',running,"433fe365","433fe365",63962595541,0}.\n';
const ROWS = ALICE + KEY + MEMBER + NODE;

const dumpOf = (rows: string) => parseDump(Buffer.from(HEADER + rows, "latin1"));

function refusal(content: string): DumpError {
  try {
    parseDump(Buffer.from(content, "latin1"));
  } catch (error) {
    if (error instanceof DumpError) return error;
    throw error;
  }
  throw new Error("the dump was accepted");
}

describe("reading a dump", () => {
  test("tables with their fields and rows", () => {
    const dump = dumpOf(ROWS);
    expect(dump.tables.get("leo_s3_users")?.attributes).toEqual([
      "id",
      "password",
      "role_id",
      "created_at",
      "updated_at",
      "del",
    ]);
    expect([...dump.tables].map(([name, { rows }]) => [name, rows])).toEqual([
      ["leo_s3_users", 1],
      ["leo_s3_user_credential", 0],
      ["leo_s3_endpoints", 0],
      ["leo_s3_credentials", 1],
      ["leo_members_cur", 1],
      ["leo_storage_nodes", 1],
    ]);
    expect(missingTables(dump)).toHaveLength(TABLES.length - 6);
  });

  test("a file cut anywhere but between two terms is refused as truncated", () => {
    const whole = HEADER + ROWS;
    const ends = new Set([...whole.matchAll(/\}\.\n/g)].map((end) => end.index + end[0].length));
    for (let length = 1; length < whole.length; length += 1) {
      if (ends.has(length)) continue;
      expect(refusal(whole.slice(0, length)).kind, `cut at ${length}`).toBe("truncated");
    }
  });

  test.each([
    ["", "empty", /empty/],
    ["\n \n", "empty", /empty/],
    ["hello world\n", "notADump", /does not begin/],
    ["(){}\n", "syntax", /line 1/],
    ["{leo_s3_users,a}.\n", "notADump", /does not begin with/],
    ["\u0001\u0002\u0003\u0004cXM\u000b", "notADump", /backup-mnesia/],
    [HEADER + ALICE + "\0".repeat(100), "truncated", /zero bytes/],
    [`${HEADER}{nosuchtab,a}.\n`, "unknownTable", /line 19: a row of nosuchtab/],
    [`${HEADER}{leo_s3_endpoints,a}.\n`, "syntax", /1 fields, its table has 2/],
    [`${HEADER}{leo_s3_endpoints,a]}.\n`, "syntax", /line 19/],
    [`${HEADER}[a].\n`, "syntax", /not a row/],
  ])("%j is refused as %s", (content, kind, message) => {
    expect(refusal(content)).toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  test("no refusal shows a secret", () => {
    const message = refusal(`${HEADER}{leo_s3_credentials,<<"eae2">>,<<"s3cr3t">> oops}.\n`).message;
    expect(message).not.toContain("s3cr3t");
  });
});

describe("comparing dumps", () => {
  test("order and layout do not matter", async () => {
    const reordered = NODE + KEY.replaceAll(",", ",\n   ") + MEMBER + ALICE;
    expect(await compareDumps(dumpOf(ROWS), dumpOf(reordered))).toMatchObject({
      equal: true,
      tables: 6,
      rows: 4,
    });
    expect(summary(dumpOf(reordered))).toEqual(summary(dumpOf(ROWS)));
  });

  test("missing, unexpected and changed rows are named by table and key, never by content", async () => {
    const actual = dumpOf(
      ALICE.replace("ba7f926c", "0000").replace("false", "true") +
        ALICE.replace("alice", "eve") +
        MEMBER +
        NODE,
    );
    const comparison = await compareDumps(dumpOf(ROWS), actual);
    expect(comparison.equal).toBe(false);
    expect(describeDifferences(comparison)).toEqual([
      "leo_s3_credentials: 1 missing (leo_s3_credentials eae2...)",
      "leo_s3_users: 1 not expected (leo_s3_users eve)",
      "leo_s3_users: 1 changed (leo_s3_users alice: password, del)",
    ]);
  });

  test("what LeoFS changes by itself is left out, by name", async () => {
    const live = ROWS.replace('node_311b5b9e",running', 'node_311b5b9e",stop').replace(
      'running,"433fe365"',
      'undefined,"00000000"',
    );
    const comparison = await compareDumps(dumpOf(ROWS), dumpOf(live));
    expect(comparison.differences).toEqual([]);
    expect(comparison.exclusions).toContainEqual(
      expect.stringMatching(/^leo_storage_nodes: all but the keys \(/),
    );
    expect(
      (await compareDumps(dumpOf(ROWS), dumpOf(live), () => undefined)).differences.map(({ table }) => table),
    ).toEqual(["leo_members_cur", "leo_storage_nodes"]);
  });

  test("another set of nodes is a difference", async () => {
    const comparison = await compareDumps(
      dumpOf(ROWS),
      dumpOf(ROWS + NODE.replace("storage_0", "storage_9")),
    );
    expect(describeDifferences(comparison)).toEqual([
      "leo_storage_nodes: 1 not expected (leo_storage_nodes storage_9@127.0.0.1)",
    ]);
  });

  test("a table that is missing, or has other fields, is a difference", async () => {
    const other = parseDump(Buffer.from(HEADER.replace("[endpoint,created_at]", "[endpoint]") + ROWS));
    const lacking = without(other, ["leo_s3_endpoints"]);
    expect(describeDifferences(await compareDumps(dumpOf(ROWS), other))).toEqual([
      "leo_s3_endpoints: its fields are those of another LeoFS version",
    ]);
    expect(describeDifferences(await compareDumps(dumpOf(ROWS), lacking))).toEqual([
      "leo_s3_endpoints: the table is missing",
    ]);
  });

  test.each([
    ["one host, which may allow one session, after another", true, "a begins, a ends, b begins, b ends"],
    ["two hosts side by side, and none is held", false, "a begins, b begins"],
  ])("rows of %s", async (_, same, order) => {
    const told: string[] = [];
    const hosts = same ? Array(2).fill({}) : [{}, {}];
    const [one, other] = ["a", "b"].map((name, index) => {
      const dump = dumpOf(ROWS.replace("ba7f926c", name));
      return {
        ...dump,
        host: hosts[index],
        async *rows(tables: readonly string[]) {
          told.push(`${name} begins`);
          yield* dump.rows(tables);
          told.push(`${name} ends`);
        },
      };
    });
    expect((await compareDumps(one!, other!)).equal).toBe(false);
    expect(told.join(", ")).toMatch(new RegExp(`^${order}`));
  });

  test("long lists of rows are shortened", async () => {
    const many = Array.from({ length: 8 }, (_, index) => ALICE.replace("alice", `user${index}`)).join("");
    expect(describeDifferences(await compareDumps(dumpOf(many), dumpOf("")), 2)).toEqual([
      "leo_s3_users: 8 missing (leo_s3_users user0, leo_s3_users user1 and 6 more)",
    ]);
  });
});

describe("rows of fresh tables", () => {
  const fresh =
    '{leo_s3_users,<<"_test_leofs">>,<<>>,9,1,1,false}.\n{leo_s3_user_credential,<<"_test_leofs">>,<<"05236">>,1}.\n' +
    '{leo_s3_credentials,<<"05236">>,<<"802562235">>,1}.\n{leo_s3_endpoints,<<"localhost">>,1}.\n' +
    '{leo_s3_endpoints,<<"s3.amazonaws.com">>,1}.\n';

  test("those that the dump did not have are revived", () => {
    const revived = revivedRows(dumpOf(ROWS), dumpOf(ROWS + fresh));
    expect(revived.map(({ label }) => label)).toEqual([
      "leo_s3_credentials 05236",
      "leo_s3_endpoints localhost",
      "leo_s3_endpoints s3.amazonaws.com",
      "leo_s3_user_credential _test_leofs",
      "leo_s3_users _test_leofs",
    ]);
    expect(revivedRows(dumpOf(ROWS + fresh), dumpOf(ROWS + fresh))).toEqual([]);
  });

  test("a deleted test user keeps its row: only its credentials are revived", () => {
    const deleted =
      '{leo_s3_users,<<"_test_leofs">>,<<>>,9,1,2,true}.\n{leo_s3_endpoints,<<"localhost">>,1}.\n';
    const labels = revivedRows(dumpOf(deleted), dumpOf(fresh)).map(({ label }) => label);
    expect(labels).toEqual([
      "leo_s3_credentials 05236",
      "leo_s3_endpoints s3.amazonaws.com",
      "leo_s3_user_credential _test_leofs",
    ]);
  });
});

test("labels show a key only", () => {
  expect(rowLabel("leo_ring_cur", integer(12n))).toBe("leo_ring_cur 12");
  expect(rowLabel("sv_columns", parseTerm('{<<"a">>,<<"b">>}'))).toBe('sv_columns {<<"a">>,<<"b">>}');
});
