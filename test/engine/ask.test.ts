import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asking, askNode } from "../../leofs/erlang/ask";
import { expressions } from "../../leofs/erlang/expressions";
import { NodeUnreachable } from "../../leofs/erlang/noAnswer";
import { atom, formatTerm, integer } from "../../leofs/erlang/terms";
import { script } from "../../remote/script";
import { closeAll, connect } from "../../remote/ssh/pool";
import { Sandbox } from "../../sandbox";
import { eventually } from "../../sandbox/commands";
import { askingVms, openFiles, processIds, read } from "./support/askingVms";
import { listIn, namesOf, openWay, serverThat, wayTo } from "./support/oddNodes";

const COOKIE = "q7Secret9$'\"-cookie";
const NAME = expressions("leofs/manager/questions/name.erl");
const says = (text: string) => ({ name: "test", text });

let sandbox: Sandbox;
let directory: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "leofs-recovery-ask-"));
  sandbox = await Sandbox.up({ directory, fast: true, storages: 1, gateways: 0, report: () => undefined });
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  closeAll();
  await Sandbox.down(directory);
  await rm(directory, { recursive: true, force: true });
});

const manager = (role: "master" | "slave") => sandbox.manager(role);
const connectionTo = (role: "master" | "slave") => {
  const { address, sshPort, hostKey } = manager(role);
  const { user, key } = sandbox.description;
  return { host: address, port: sshPort, user, hostKey, privateKey: readFileSync(key, "utf8") };
};
const from = (role: "master" | "slave", cookie = sandbox.description.cookie): Asking => {
  const { home } = manager(role);
  return { host: connect(connectionTo(role)), home, etc: join(home, "etc"), as: undefined, cookie };
};
const node = (role: "master" | "slave") => manager(role).node;
const noneLeft = (role: "master" | "slave") =>
  eventually("no asking VM left", 10_000, async () =>
    askingVms(manager(role).home).length === 0 ? true : undefined,
  );
const ask = async (text: string, values = {}, options = {}) =>
  formatTerm(await askNode(from("master"), node("master"), says(text), values, options));
const why = async (asking: Asking, of: string, options = {}): Promise<string> => {
  const error = await askNode(asking, of, NAME, {}, options).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(NodeUnreachable);
  return (error as NodeUnreachable).message;
};

describe("asking a running node", () => {
  it("works without erl_call, by one VM for many questions at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => ask("{node(), N}", { N: integer(n) })),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => `{'${node("master")}',${n}}`));
    expect(askingVms(manager("master").home)).toHaveLength(1);
  });

  it("keeps the mesh as it was: hidden from the nodes, and from the storage node wholly", async () => {
    expect(await ask('[N || N <- nodes(), string:str(atom_to_list(N), "recovery") > 0]')).toBe("[]");
    expect(await ask('length([N || N <- nodes(hidden), string:str(atom_to_list(N), "recovery") > 0])')).toBe(
      "1",
    );
    const storage = Object.values(sandbox.description.nodes)[0]!.node;
    const seen = "rpc:call(Node, erlang, nodes, [connected])";
    expect(await ask(seen, { Node: atom(storage) })).not.toContain("recovery");
  });

  it("shows the cookie in no process list, environment or file", async () => {
    await ask("ok");
    const [vm] = askingVms(manager("master").home);
    const { cookie } = sandbox.description;
    const telling = processIds().filter((pid) => {
      const line = read(pid, "cmdline");
      return (line + read(pid, "environ")).includes(cookie) && !/ -name \S+@/.test(line);
    });
    expect(telling).toEqual([]);
    expect(openFiles(vm!).filter((path) => path.startsWith(directory) || path.startsWith("/tmp"))).toEqual(
      [],
    );
  });

  it("listens on loopback only", async () => {
    await ask("ok");
    const [vm] = askingVms(manager("master").home);
    const inodes = openFiles(vm!).flatMap((path) => /^socket:\[(\d+)\]$/.exec(path)?.[1] ?? []);
    const listening = ["tcp", "tcp6"].flatMap((file) =>
      readFileSync(`/proc/net/${file}`, "utf8")
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter((row) => row[3] === "0A" && inodes.includes(row[9]!))
        .map((row) => row[1]!.split(":")[0]),
    );
    expect(listening).toEqual(["0100007F"]);
  });

  it("lets no question wait for one that hangs", async () => {
    const hung = askNode(
      from("master"),
      node("master"),
      says("timer:sleep(60000)"),
      {},
      { seconds: 1 },
    ).catch((error: Error) => error.message);
    expect(await ask("first")).toBe("first");
    expect(await hung).toMatch(/it is connected and did not answer within 1 s \(test\)/);
  });

  it("tells a question that fails there, with its reason", async () => {
    await expect(ask("ok = not_ok")).rejects.toThrow(/the question failed there \(test\): .*badmatch,not_ok/);
    await expect(ask("1 +")).rejects.toThrow(/the question failed there/);
    expect(await ask('io:format("=1 x~n"), still')).toBe("still");
  });

  it("answers with what is large, and with every kind of text", async () => {
    expect(await ask("byte_size(list_to_binary(lists:duplicate(1000000, $x)))")).toBe("1000000");
    const large = await askNode(
      from("master"),
      node("master"),
      says("list_to_binary(lists:duplicate(1000000, $x))"),
    );
    expect(large.kind === "binary" && large.bytes.length).toBe(1_000_000);
    expect(await ask("Name", { Name: atom("it's \"é\\") })).toBe(formatTerm(atom("it's \"é\\")));
  });
});

describe("a node that does not answer", () => {
  it("has another cookie", async () => {
    expect(await why(from("master", COOKIE), node("master"))).toMatch(
      /asked from .*: manager_0 runs there \(epmd on \S+ lists it, its port \d+ is open\) and refuses our cookie: it was started with another one/,
    );
    expect(askingVms(manager("master").home)).toHaveLength(2);
  });

  it("does not run, while its host's epmd does", async () => {
    const [, address] = node("master").split("@");
    expect(await why(from("master"), `manager_9@${address}`)).toMatch(
      /manager_9 does not run there: epmd on \S+ port \d+ answers and lists .*manager_0/,
    );
  });

  it("is on a host without epmd", async () => {
    const nowhere = "manager_0@127.255.255.1";
    expect(await why(from("master"), nowhere)).toMatch(
      /no epmd answers on 127\.255\.255\.1 port \d+ \(.*econnrefused.*\)/,
    );
  });

  it("is listed and refuses for another reason: the cookie is not blamed", async () => {
    const [, address] = node("master").split("@") as [string, string];
    const { epmdPort } = sandbox.description;
    const { port } = (await namesOf(address, epmdPort)).find(({ name }) => name === "manager_0")!;
    const ports = [
      // The manager under a name that is not its own: it accepts the cookie, and is then not who was asked for.
      port,
      await serverThat("says nothing", address),
      await serverThat("hangs up", address),
    ];
    const listed = await Promise.all(ports.map((at, n) => listIn(address, epmdPort, `odd_${n}`, at)));
    const whys = await Promise.all(
      ports.map((_, n) => why(from("master"), `odd_${n}@${address}`, { seconds: 20 })),
    );
    for (const end of listed) end();
    expect(whys[0]).toMatch(/ended a first connection and accepted a second one/);
    expect(whys[1]).toMatch(/odd_1 runs there .* and says nothing within 3 s: it hangs, or is stopped/);
    expect(whys[2]).toMatch(/ends the connection before it asks for a cookie/);
  });

  it("is on a host that nobody knows", async () => {
    expect(await why(from("master"), "manager_0@host.invalid", { seconds: 20 })).toMatch(
      /does not know the address of host\.invalid/,
    );
  });
});

describe("the asking VM", () => {
  it("is not waited for by LeoFS's own stop, and counts as no manager", async () => {
    await askNode(from("slave"), node("slave"), NAME);
    expect(askingVms(manager("slave").home)).toHaveLength(1);
    const outcome = await sandbox.control("slave", "stop");
    expect([outcome.code, outcome.stdout.trim()]).toEqual([0, "ok"]);
    expect(askingVms(manager("slave").home)).toHaveLength(1);
    expect(await why(from("slave"), node("slave"))).toMatch(/manager_1 does not run there/);
    await sandbox.control("slave", "start");
    await eventually("the slave again", 30_000, async () =>
      askNode(from("slave"), node("slave"), NAME).then(
        () => true,
        () => undefined,
      ),
    );
  });

  it("asks again by another one after it was killed", async () => {
    await ask("ok");
    const [vm] = askingVms(manager("master").home);
    const slow = ask("timer:sleep(500), done");
    process.kill(vm!, "SIGKILL");
    expect(await slow).toBe("done");
    closeAll();
    await noneLeft("master");
  });

  it("runs as the user who is asked for", async () => {
    openWay(directory, manager("slave").home);
    const asking = { ...from("slave"), as: "nobody" };
    expect(formatTerm(await askNode(asking, node("slave"), NAME))).toBe(`'${node("slave")}'`);
    const owners = askingVms(manager("slave").home).map((pid) => statSync(`/proc/${pid}`).uid);
    expect(owners).toContain(Number(execFileSync("id", ["-u", "nobody"]).toString()));
  });

  it("ends by itself where the network was cut, which its host does not see", async () => {
    const { address, sshPort, home } = manager("slave");
    const way = await wayTo(address, sshPort);
    const host = connect({ ...connectionTo("slave"), host: "127.0.0.1", port: way.port });
    const before = askingVms(home);
    const [asker, boot, program] = [
      script("leofs/erlang/scripts/asker.sh"),
      expressions("leofs/erlang/boot.erl"),
      expressions("leofs/erlang/node.erl", "leofs/erlang/asker.erl"),
    ];
    const talk = await host.converse(asker, { home, etc: join(home, "etc"), boot: boot.text });
    const base64 = (said: string) => Buffer.from(said, "latin1").toString("base64");
    talk.tell(base64(`${program.text}.\n`));
    talk.tell(`${base64("recoverycut@127.0.0.1")} ${base64(sandbox.description.cookie)} 1000`);
    const question = ["4000", ...[node("slave"), "[].", "node()"].map(base64)].join(" ");
    expect(await talk.ask(question, 20_000)).not.toBe("");
    way.cut();
    await eventually("the VM behind the cut gone", 30_000, async () =>
      askingVms(home).every((pid) => before.includes(pid)) ? true : undefined,
    );
    expect(way.open()).toBe(1);
    way.end();
  });

  it("is ended when it hangs itself, and another one asks", async () => {
    await ask("ok");
    const [vm] = askingVms(manager("master").home);
    process.kill(vm!, "SIGSTOP");
    await expect(ask("ok", {}, { seconds: 1 })).rejects.toMatchObject({
      kind: "timeout",
      message: /gave no answer within 11000 ms; it was ended/,
    });
    await noneLeft("master");
    expect(await ask("again")).toBe("again");
  });

  it("is gone after a normal end of the connection", async () => {
    await ask("ok");
    expect(askingVms(manager("master").home)).toHaveLength(1);
    closeAll();
    await noneLeft("master");
  });

  const program = async (then: "stay" | "go"): Promise<ChildProcess> => {
    const asking = from("master");
    const settings = {
      ...asking,
      host: undefined,
      connection: connectionTo("master"),
      node: node("master"),
      then,
    };
    const child = spawn(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", "test/engine/support/askThenWait.ts"],
      {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, ASK_THEN_WAIT: JSON.stringify(settings) },
      },
    );
    children.push(child);
    await new Promise((resolve, reject) => {
      child.stdout?.once("data", resolve);
      child.once("exit", (code) => reject(new Error(`it ended (${code})`)));
    });
    return child;
  };
  const exit = (child: ChildProcess) => new Promise((resolve) => child.once("exit", resolve));

  it("is gone after the program was killed", async () => {
    const child = await program("stay");
    expect(askingVms(manager("master").home)).toHaveLength(1);
    child.kill("SIGKILL");
    await noneLeft("master");
  });

  it("does not keep a program alive that has nothing more to do, and is gone with it", async () => {
    await exit(await program("go"));
    await noneLeft("master");
  });
});

describe("where no epmd runs", () => {
  it("asks other hosts, and leaves no epmd behind", async () => {
    // No VM runs from this home: one would say where its epmd is.
    const home = await mkdtemp(join(directory, "home-"));
    for (const part of readdirSync(manager("slave").home))
      symlinkSync(join(manager("slave").home, part), join(home, part));
    const etc = await mkdtemp(join(directory, "etc-"));
    const port = await freePort();
    await writeFile(join(etc, "leo_manager.environment"), `RUNNER_USER=x\nexport ERL_EPMD_PORT='${port}'\n`);
    const asking = { ...from("slave"), home, etc, cookie: "another" };
    expect(await why(asking, node("master"))).toMatch(
      new RegExp(`no epmd answers on \\S+ port ${port} \\(.*econnrefused`),
    );
    await freeOf(port);
  });
});

describe.runIf(existsSync("/proc/net/if_inet6"))("where nodes speak over IPv6", () => {
  it("asks over IPv6, and says what is seen there", async () => {
    const home = await mkdtemp(join(directory, "home-"));
    for (const part of readdirSync(manager("slave").home))
      symlinkSync(join(manager("slave").home, part), join(home, part));
    const etc = await mkdtemp(join(directory, "etc-"));
    const port = String(await freePort());
    const environment = { ERL_EPMD_PORT: port, ERL_FLAGS: "-proto_dist inet6_tcp" };
    await writeFile(
      join(etc, "leo_manager.environment"),
      Object.entries(environment)
        .map(([name, value]) => `export ${name}="${value}"\n`)
        .join(""),
    );
    const run = (program: string, ...words: string[]) =>
      children.push(spawn(program, words, { stdio: "ignore", env: { ...process.env, ...environment } }));
    run("epmd");
    run("erl", "-noinput", "-name", "manager_6@::1", "-setcookie", COOKIE);
    const asking = { ...from("slave", COOKIE), home, etc };
    const name = await eventually("an answer over IPv6", 30_000, async () =>
      askNode(asking, "manager_6@::1", NAME).then(formatTerm, () => undefined),
    );
    expect(name).toBe("'manager_6@::1'");
    expect(await why({ ...asking, cookie: "another" }, "manager_6@::1")).toContain("refuses our cookie");
    expect(await why(asking, "manager_7@::1")).toMatch(/epmd on ::1 port \d+ answers and lists manager_6/);
  });
});

/** A TCP port that nothing listens on. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

/** Fails when something listens on the port. */
const freeOf = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
