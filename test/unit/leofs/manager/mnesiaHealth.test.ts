import { execFileSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listDirectory } from "../../../../leofs/manager/directory";
import { examineMnesia } from "../../../../leofs/manager/mnesiaHealth";
import { lastStopped } from "../../../../leofs/mnesia/mnesiaMarks";
import { cleanUp, temporary } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { optionalProgram } from "../../support/optionalProgram";

cleanUp();

const host = new LocalHost();
const looked = async (directory: string) =>
  examineMnesia(host, await listDirectory(host, directory), undefined);

/** A log that another Mnesia wrote: 6 MB of rows between a note that `other` went down and one that it came up. */
const PROGRAM = `
  mnesia:create_schema([node()]), mnesia:start(),
  {atomic, ok} = mnesia:create_table(leo_s3_users, [{disc_copies, [node()]}]),
  ok = mnesia_recover:log_mnesia_down('other@10.0.0.12'),
  Row = binary:copy(<<"x">>, 60000),
  [{atomic, ok} = mnesia:transaction(fun() -> mnesia:write({leo_s3_users, N, Row}) end) || N <- lists:seq(1, 100)],
  ok = mnesia_recover:log_mnesia_up('other@10.0.0.12'),
  halt(0).`;

describe.runIf(optionalProgram("erl", "erlang-mnesia"))("a log of more than a few megabytes", () => {
  async function files(): Promise<string> {
    const directory = join(await temporary(), "mnesia");
    const options = ["-noshell", "-mnesia", "dir", JSON.stringify(directory), "-eval", PROGRAM];
    execFileSync("erl", [...options, "-mnesia", "dump_log_write_threshold", "50000"]);
    return directory;
  }

  test("is read to its end: who went down early in it may have come up since", async () => {
    const directory = await files();
    const log = readFileSync(join(directory, "LATEST.LOG"));
    expect(log.length).toBeGreaterThan(5_000_000);
    expect([...(await looked(directory)).marks.down.keys()]).toEqual([]);
    // The note at its end is what tells: without it that node is down.
    writeFileSync(join(directory, "LATEST.LOG"), log.subarray(0, log.lastIndexOf("mnesia_up") - 20));
    expect([...(await looked(directory)).marks.down.keys()]).toEqual(["other@10.0.0.12"]);
  });

  test("says nothing of the order where it is too large for that", async () => {
    const directory = await files();
    truncateSync(join(directory, "LATEST.LOG"), 34_000_000);
    const { marks } = await looked(directory);
    const other = { node: "other@10.0.0.12", marks: { writer: undefined, down: new Map() } };
    expect(lastStopped({ node: "nonode@nohost", marks }, other)).toEqual({
      node: undefined,
      evidence: expect.stringMatching(/^LATEST\.LOG of nonode@nohost is too large to be read whole/),
    });
  });
});
