import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { examine } from "../../../../leofs/checks/check";
import { managerChecks } from "../../../../leofs/checks/managerChecks";
import { portsToTake, type TakenPort, takenIn } from "../../../../leofs/checks/ports";
import { effectiveConf } from "../../../../leofs/conf/conf";
import type { Role } from "../../../../leofs/names";
import { parseSections } from "../../../../remote/sections";
import { view } from "../../support/views";

const consoleAt = (address: string, port = 10010) =>
  [{ use: "console", protocol: "tcp", address, port }] as const;
const taken = (listener: string, address: string) =>
  takenIn(parseSections(`@= listener.1 ${listener}\n`), consoleAt(address)).length > 0;

test.each([
  ["tcp 0100007F 10010", "127.0.0.1", true],
  ["tcp 0100007F 10010 nginx 12", "127.0.0.1", true],
  ["tcp 0100007F 10010", "any", true],
  ["tcp 00000000 10010", "127.0.0.1", true],
  ["tcp6 00000000000000000000000000000000 10010", "127.0.0.1", true],
  ["tcp6 0000000000000000FFFF00000100007F 10010", "127.0.0.1", true],
  ["tcp 0B00000A 10010", "127.0.0.1", false],
  ["tcp 0B00000A 10010", "10.0.0.11", true],
  ["tcp 0100007F 10011", "127.0.0.1", false],
  ["udp 0100007F 10010", "127.0.0.1", false],
])("%s takes the port of a console on %s: %s", (listener, address, expected) => {
  expect(taken(listener, address)).toBe(expected);
});

test("a manager that runs has its own ports; the ones that its conf names since are looked at", () => {
  const ports = (conf: string, state: "down" | "serving", role: Role = "master") => {
    const { manager } = view({ state });
    Object.assign(manager.settings, { conf: effectiveConf(conf, [], "/x"), role });
    return portsToTake(manager).map(({ use, port, address }) => `${use} ${address} ${port}`);
  };
  expect(ports("console.bind_address = any", "down")).toEqual([
    "console any 10010",
    "console any 10020",
    "rpc any 13075",
  ]);
  expect(ports("", "down", "slave")).toContain("rpc any 13076");
  expect(ports("", "serving")).toEqual([]);
  expect(ports("console.port.cui = 10030\nrpc.server.listen_port = 13080", "serving")).toEqual([
    "console 127.0.0.1 10030",
    "rpc any 13080",
  ]);
});

test.each<[TakenPort["use"], string | undefined, [string, string, RegExp][]]>([
  ["console", "nginx 12", [["port", "refuse", /nginx \(process 12\) listens on port 4020, a console port/]]],
  ["console", undefined, [["port", "refuse", /something else listens on port 4020/]]],
  [
    "snmp",
    "snmpd 12",
    [["snmpPort", "refuse", /snmpd \(process 12\) has the UDP port 4020.*LeoFS stops itself/]],
  ],
  ["snmp", "beam.smp 12", []],
  ["rpc", "nginx 12", [["rpcPort", "hazard", /it would start without/]]],
])("a port for %s that %s has", (use, holder, expected) => {
  const looked = view({ state: "down" }, ({ places }) => {
    places.takenPorts = [{ use, protocol: "udp", address: "any", port: 4020, holder }];
  });
  const found = examine(managerChecks, looked);
  expect(found.map(({ name, level }) => [name, level])).toEqual(
    expected.map(([name, level]) => [name, level]),
  );
  expected.forEach(([, , text], n) => {
    expect(found[n]!.text).toMatch(text);
  });
});

test("who listens on a host is seen, by name", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  const agent = createSocket("udp4").bind(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    agent.close();
  });
  await Promise.all([once(server, "listening"), once(agent, "listening")]);
  const [tcp, udp] = [(server.address() as AddressInfo).port, agent.address().port];
  const text =
    '. "$0/remote/scripts/lib.sh"; . "$0/leofs/checks/scripts/ports-lib.sh"; tell_listeners "$@"; tell_listeners';
  const said = execFileSync(
    "sh",
    ["-c", text, join(__dirname, "../../../.."), `tcp/${tcp}`, `udp/${udp}`, `tcp/${udp}`, "tcp/0"],
    { encoding: "utf8" },
  );
  const { values } = parseSections(said);
  const me = expect.stringMatching(new RegExp(` ${process.pid}$`));
  expect([...values.values()].map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
    `tcp 0100007F ${tcp}`,
    `udp 0100007F ${udp}`,
  ]);
  expect([...values.values()]).toEqual([me, me]);
});
