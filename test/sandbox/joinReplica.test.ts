import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { expressions } from "../../leofs/erlang/expressions";

const JOIN = `
  {ok, Tokens, _} = erl_scan:string(os:getenv("JOIN") ++ "."),
  {ok, Join} = erl_parse:parse_exprs(Tokens),
  {value, {atomic, ok}, _} = rpc:call(Stays, erl_eval, exprs, [Join, [{'New', New}]]),
  {atomic, ok} = rpc:call(Stays, mnesia, add_table_copy, [users, New, disc_copies])`;

/** Puts three plain nodes together as a move does, lets the new one hang, and writes on the two others. */
const HANGS = `
  ${formed("moves")},
  ${JOIN},
  os:cmd("kill -STOP " ++ rpc:call(New, os, getpid, [])),
  Write = fun(Node) -> rpc:async_call(Node, mnesia, sync_dirty, [fun mnesia:write/1, [{users, Node, 1}]]) end,
  Keys = [{Node, Write(Node)} || Node <- [Stays, Other]],
  [io:format("~s: ~p~n", [Node, rpc:nb_yield(Key, 30000)]) || {Node, Key} <- Keys],
  halt()`;

/** The other one is lost, and the new one is ended before the schema names the two alone. */
const ENDED = `
  ${formed("lost")},
  Gone(Other), ${JOIN}, Gone(New),
  {atomic, ok} = rpc:call(Stays, mnesia, del_table_copy, [schema, New]),
  halt()`;

/** Somebody starts it, and stops both of them, it last: it has noted that the other one went. */
const STOPPED = `
  ${awaited("stays", "new")},
  ok = rpc:call(New, mnesia, start, []),
  ok = rpc:call(New, mnesia, wait_for_tables, [[users], 10000]),
  Gone(Stays),
  (fun Wait() -> case rpc:call(New, mnesia_recover, has_mnesia_down, [Stays]) of true -> ok; false -> timer:sleep(100), Wait() end end)(),
  Gone(New),
  halt()`;

/** The one that serves is ended while the new one takes part, which ends then too. */
const CUT_OFF = `
  ${formed("lost")},
  Gone(Other), ${JOIN}, Gone(Stays), Gone(New),
  halt()`;

/** It waits for the new one, until it is told. */
const TOLD = `
  ${awaited("stays")},
  ok = rpc:call(Stays, mnesia, start, []),
  io:format("~p ", [rpc:call(Stays, mnesia, wait_for_tables, [[users], 3000])]),
  {ok, Tokens, _} = erl_scan:string(os:getenv("DOWN") ++ "."),
  {ok, Down} = erl_parse:parse_exprs(Tokens),
  {value, ok, _} = rpc:call(Stays, erl_eval, exprs, [Down, [{'Down', New}]]),
  Gone(Stays),
  halt()`;

const SERVES = `
  ${awaited("stays")},
  ok = rpc:call(Stays, mnesia, start, []),
  io:format("~p", [rpc:call(Stays, mnesia, wait_for_tables, [[users], 5000])]),
  halt()`;

const ALONE = `
  ${awaited("new")},
  ok = rpc:call(New, mnesia, start, []),
  io:format("~p", [rpc:call(New, mnesia, wait_for_tables, [[users], 5000])]),
  halt()`;

/** Nodes by their first names once they run; how one is ended and waited for. */
function awaited(...names: string[]): string {
  return `
  [Stays, New] = [list_to_atom(Name ++ "@127.0.0.1") || Name <- ["stays", "new"]],
  Named = [list_to_atom(Name ++ "@127.0.0.1") || Name <- string:tokens("${names.join(" ")}", " ")],
  [(fun Wait() -> case net_adm:ping(Node) of pong -> ok; pang -> timer:sleep(100), Wait() end end)() || Node <- Named],
  Gone = fun(Node) ->
    rpc:call(Node, erlang, halt, []),
    (fun Wait() -> case net_adm:ping(Node) of pang -> ok; pong -> timer:sleep(100), Wait() end end)()
  end`;
}

/** A pair with a table, and a Mnesia beside it. */
function formed(other: string): string {
  return `
  ${awaited("stays", other, "new")},
  Other = list_to_atom("${other}@127.0.0.1"),
  ok = rpc:call(Stays, mnesia, create_schema, [[Stays, Other]]),
  [ok = rpc:call(Node, mnesia, start, []) || Node <- Named],
  {atomic, ok} = rpc:call(Stays, mnesia, create_table, [users, [{disc_copies, [Stays, Other]}]])`;
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** Plain nodes with an epmd of their own, which end with the test. */
async function plainNodes() {
  const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-join-"));
  const env = {
    ...process.env,
    ERL_EPMD_PORT: String(await freePort()),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_CRASH_DUMP_SECONDS: "0",
    JOIN: expressions("leofs/pair/questions/join-replica.erl").text,
    DOWN: expressions("leofs/pair/questions/note-down.erl").text,
  };
  const started: ChildProcess[] = [];
  const run = (program: string, ...words: string[]) =>
    started.push(spawn(program, words, { env, cwd: directory, stdio: "ignore" }));
  onTestFinished(async () => {
    for (const child of started) {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((end) => child.once("exit", end));
    }
    await rm(directory, { recursive: true, force: true });
  });
  run("epmd");
  const named = (name: string) => ["-noshell", "-name", `${name}@127.0.0.1`, "-setcookie", "join"];
  return {
    start: (...names: string[]) => {
      for (const name of names) run("erl", ...named(name), "-mnesia", "dir", `"${name}"`);
    },
    ask: (program: string) =>
      execFileSync("erl", [...named("asks"), "-hidden", "-eval", `${program}.`], {
        env,
        cwd: directory,
        encoding: "utf8",
      }),
  };
}

test("a replica that hangs holds up writes on neither manager of a move", async () => {
  const { start, ask } = await plainNodes();
  start("stays", "moves", "new");
  expect(ask(HANGS)).toBe("stays@127.0.0.1: {value,ok}\nmoves@127.0.0.1: {value,ok}\n");
});

test("a replica that was ended knows that the lost manager is down, and loads without it", async () => {
  const { start, ask } = await plainNodes();
  start("stays", "lost", "new");
  ask(ENDED);
  start("new");
  ask(STOPPED);
  start("new");
  expect(ask(ALONE)).toBe("ok");
});

test("a manager that was ended while a replica was made waits for that one, and serves once it is told that it is down", async () => {
  const { start, ask } = await plainNodes();
  start("stays", "lost", "new");
  ask(CUT_OFF);
  start("stays");
  expect(ask(TOLD)).toBe("{timeout,[users]} ");
  start("stays");
  expect(ask(SERVES)).toBe("ok");
});
