import { describe, expect, test } from "vitest";
import { compareDumps, type Dump, stillDiffering } from "../../../../leofs/mnesia/dump";
import { parseDump } from "../../../../leofs/mnesia/heldDump";
import { judged } from "../../../../leofs/pair/importVerdict";
import { hasArrived, usersWrites } from "../../../../leofs/pair/usersWrites";

const HEADER = `{tables,[
  {leo_s3_users,[{record_name,user_1},{attributes,[id,password,updated_at]}]},
  {leo_s3_credentials,[{record_name,credential},{attributes,[access_key_id,secret_access_key,created_at]}]},
  {leo_members_cur,[{record_name,member},{attributes,[node,alias]}]}]}.
`;
const user = (name: string, password: string, at: number) =>
  `{leo_s3_users,<<"${name}">>,<<"${password}">>,${at}}.\n`;
const key = (name: string) => `{leo_s3_credentials,<<"${name}">>,<<"s3cr3t">>,100}.\n`;
const MEMBER = "{leo_members_cur,'storage_0@127.0.0.1',\"node_311b5b9e\"}.\n";

const dump = (...rows: string[]): Dump => parseDump(Buffer.from(HEADER + rows.join(""), "latin1"));
const BACKUP = dump(user("alice", "a", 100), user("bob", "b", 100), key("key-of-alice"), MEMBER);
const since = async (...rows: string[]) => usersWrites(await compareDumps(BACKUP, dump(...rows)));

describe("what users wrote since", () => {
  test("an added and a changed row, and a row that LeoFS removes, are named and no difference", async () => {
    const { rest, text } = await since(
      user("alice", "new", 101),
      user("bob", "b", 100),
      user("carol", "c", 101),
      MEMBER,
    );
    expect(rest.equal).toBe(true);
    expect(text).toBe(
      "1 rows written since the managers are back: leo_s3_users carol; " +
        "1 rows of the backup changed since by users: leo_s3_users alice; " +
        "1 rows of the backup removed since by users: leo_s3_credentials key-...",
    );
  });

  test("a row that LeoFS never removes is missing", async () => {
    const { rest } = await since(user("alice", "a", 100), key("key-of-alice"), MEMBER);
    expect(rest.differences).toMatchObject([{ table: "leo_s3_users", missing: ["leo_s3_users bob"] }]);
  });

  test("a row that is older than in the backup was not changed by a user", async () => {
    const { rest } = await since(
      user("alice", "old", 99),
      user("bob", "b", 100),
      key("key-of-alice"),
      MEMBER,
    );
    expect(rest.differences).toMatchObject([{ table: "leo_s3_users", changed: [{ older: true }] }]);
  });

  test("a manager with a slow clock may have written what looks older", async () => {
    const found = await compareDumps(
      BACKUP,
      dump(user("alice", "new", 99), user("bob", "b", 100), key("key-of-alice"), MEMBER),
    );
    expect(usersWrites(found, { older: "slow clock" }).rest.equal).toBe(true);
  });

  test("a node that entered itself, and a deleted bucket whose nodes are done, are no difference", async () => {
    const tables = `{tables,[
      {leo_gateway_nodes,[{record_name,node_state},{attributes,[node,state]}]},
      {leo_del_bucket_state,[{record_name,del_bucket_state},{attributes,[id,state]}]}]}.\n`;
    const of = (...rows: string[]) => parseDump(Buffer.from(tables + rows.join(""), "latin1"));
    const gateway = (name: string) => `{leo_gateway_nodes,'${name}@10.0.0.1',running}.\n`;
    const deletion = '{leo_del_bucket_state,<<"b1">>,pending}.\n';
    const { rest } = usersWrites(
      await compareDumps(of(gateway("one"), deletion), of(gateway("one"), gateway("two"))),
    );
    expect(rest.equal).toBe(true);
    expect(usersWrites(await compareDumps(of(gateway("one")), of())).rest.equal).toBe(false);
  });

  test("other tables are nobody's to write", async () => {
    const { rest } = await since(user("alice", "a", 100), user("bob", "b", 100), key("key-of-alice"));
    expect(rest.differences).toMatchObject([{ table: "leo_members_cur" }]);
  });
});

describe("a load that was begun", () => {
  const arrived = async (expected: Dump, ...rows: string[]) =>
    hasArrived(expected, [await compareDumps(expected, dump(...rows))]);
  const there = [user("alice", "a", 100), user("bob", "b", 100)];

  test("has arrived when its users are there, whatever became of other rows", async () => {
    expect(await arrived(BACKUP, ...there, MEMBER, key("another"))).toBe(true);
    expect(await arrived(BACKUP, user("alice", "older", 1), there[1]!)).toBe(true);
  });

  test("has not arrived when one of them is missing", async () => {
    expect(await arrived(BACKUP, there[0]!, key("key-of-alice"), MEMBER)).toBe(false);
  });

  test("cannot be told from a dump without users, buckets and ring", async () => {
    const empty = dump(user("_test_leofs", "x", 1), MEMBER);
    expect(await arrived(empty, user("_test_leofs", "x", 1), MEMBER)).toBe(false);
  });
});

describe("what differs after a load", async () => {
  const other = MEMBER.replace("node_311b5b9e", "node_00000000");
  const found = await compareDumps(BACKUP, dump(user("alice", "x", 99), user("bob", "b", 100), other));

  test("of this run: a user's row is a user's, another table's is wrong", async () => {
    const { wrong } = judged(found, false);
    expect(wrong.differences.map(({ table }) => table)).toEqual(["leo_members_cur"]);
  });

  test("of an earlier run: an older row is wrong, another table's came since and is named", async () => {
    const { wrong, since } = judged(found, true);
    expect(wrong.differences.map(({ table }) => table)).toEqual(["leo_s3_users"]);
    expect(since.join()).toContain("since the load: leo_members_cur: 1 changed");
  });
});

describe("a second look at two managers", () => {
  const looked = (...rows: string[]) => compareDumps(BACKUP, dump(...rows));
  const same = [user("alice", "a", 100), user("bob", "b", 100), key("key-of-alice"), MEMBER];

  test("ends a difference that came from a write between the looks", async () => {
    const earlier = await looked(...same, user("carol", "c", 101));
    const now = await looked(...same, user("dave", "d", 102));
    expect(stillDiffering(earlier, now)).toMatchObject({ equal: true, differences: [] });
  });

  test("keeps what both found, and only that", async () => {
    const others = [key("key-of-alice"), MEMBER];
    const earlier = await looked(user("alice", "x", 101), ...others, user("carol", "c", 101));
    const now = await looked(user("alice", "y", 102), ...others, user("dave", "d", 102));
    const { equal, differences } = stillDiffering(earlier, now);
    expect(equal).toBe(false);
    expect(differences).toMatchObject([
      { missing: ["leo_s3_users bob"], extra: [], changed: [{ label: "leo_s3_users alice" }] },
    ]);
  });

  test("ends it also where users wrote more rows than are named", async () => {
    const many = Array.from({ length: 1001 }, (_, index) => user(`new-${index}`, "n", 101));
    const look = async (...rows: string[]) =>
      usersWrites(await looked(...rows, ...many, key("key-of-alice"), MEMBER)).rest;
    const earlier = await look(user("alice", "a", 100));
    const now = await look(user("bob", "b", 100));
    expect([earlier.equal, now.equal]).toEqual([false, false]);
    expect(stillDiffering(earlier, now).differences).toEqual([]);
  });

  test("keeps a table that both found missing", async () => {
    const without = { tables: new Map([...BACKUP.tables].filter(([table]) => table !== "leo_members_cur")) };
    const seen = await compareDumps(BACKUP, { ...BACKUP, ...without });
    expect(stillDiffering(seen, seen).differences).toMatchObject([{ whole: "missing" }]);
    expect(stillDiffering(await looked(...same, key("other")), seen).equal).toBe(true);
  });
});
