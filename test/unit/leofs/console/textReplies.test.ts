import { describe, expect, test } from "vitest";
import { ConsoleError } from "../../../../leofs/console/console";
import { checkJson, checkText } from "../../../../leofs/console/consoleProtocol";
import {
  bucketsFromText,
  endpointsFromText,
  statusFromText,
  usersFromText,
} from "../../../../leofs/console/textReplies";

/** The end of what LeoFS 1.3.4 answers: it knows no racks. */
const STATUS = ` [System Confiuration]
-----------------------------------+----------
 Item                              | Value
-----------------------------------+----------
                    system version | 1.3.4
-----------------------------------+----------
 Manager RING hash
-----------------------------------+----------
                 current ring-hash | 433fe365
                previous ring-hash | 1f6d8d41
-----------------------------------+----------

 [State of Node(s)]
-------+--------------------------+--------------+----------------+----------------+----------------------------
 type  |           node           |    state     |  current ring  |   prev ring    |          updated at
-------+--------------------------+--------------+----------------+----------------+----------------------------
  S    | storage_0@127.0.0.1      | running      | 433fe365       | 1f6d8d41       | 2017-06-02 15:00:10 +0900
  G    | gateway_0@127.0.0.1      | stop         |                |                | 2017-06-02 15:00:12 +0900
-------+--------------------------+--------------+----------------+----------------+----------------------------
`;

/** As LeoFS up to 1.4.3 answers: without a redundancy. */
const BUCKETS = `cluster id   | bucket   | owner  | permissions      | created at
-------------+----------+--------+------------------+---------------------------
leofs_1      | backup   | leofs  | Me(full_control) | 2019-12-02 10:44:02 +0000
`;

describe.each([
  ["LF", (text: string) => text],
  ["CRLF", (text: string) => text.replaceAll("\n", "\r\n")],
  ["a terminal's CR CR LF", (text: string) => text.replaceAll("\n", "\r\r\n")],
])("what older versions answer, lines with %s", (_, as) => {
  test("status", () => {
    const node = { ring: "433fe365", previousRing: "1f6d8d41" };
    expect(statusFromText(as(STATUS))).toEqual({
      ...node,
      nodes: [
        { type: "storage", node: "storage_0@127.0.0.1", state: "running", ...node },
        { type: "gateway", node: "gateway_0@127.0.0.1", state: "stop", ring: "", previousRing: "" },
      ],
    });
    expect(statusFromText(as(STATUS.split(" [State")[0]!)).nodes).toEqual([]);
  });

  test("buckets", () => {
    expect(bucketsFromText(as(BUCKETS))).toEqual([
      {
        bucket: "backup",
        owner: "leofs",
        permissions: "full_control",
        clusterId: "leofs_1",
        createdAt: "2019-12-02 10:44:02 +0000",
      },
    ]);
  });
});

test("what is no list is not read as an empty one", () => {
  for (const read of [usersFromText, bucketsFromText, endpointsFromText])
    expect(() => read("OK\r\n")).toThrow(ConsoleError);
});

test("an error is one whatever stands before it or is in it", () => {
  expect(() => checkText("status", "\r\n [ERROR] Mnesia is not available\r\n")).toThrow(
    "refused `status`: Mnesia is not available",
  );
  expect(() => checkJson("status", '{"error":{"code":1}}')).toThrow('refused `status`: {"code":1}');
});
