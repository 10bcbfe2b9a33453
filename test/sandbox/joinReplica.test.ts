import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { expressions } from "../../leofs/erlang/expressions";

/** Puts three plain nodes together as a move does, lets the new one hang, and writes on the two others. */
const PROGRAM = `
  Named = [list_to_atom(Name ++ "@127.0.0.1") || Name <- ["stays", "moves", "new"]],
  [Stays, Moves, New] = Named,
  [(fun Wait() -> case net_adm:ping(Node) of pong -> ok; pang -> timer:sleep(100), Wait() end end)() || Node <- Named],
  ok = rpc:call(Stays, mnesia, create_schema, [[Stays, Moves]]),
  [ok = rpc:call(Node, mnesia, start, []) || Node <- Named],
  {atomic, ok} = rpc:call(Stays, mnesia, create_table, [users, [{disc_copies, [Stays, Moves]}]]),
  {ok, Tokens, _} = erl_scan:string(os:getenv("JOIN") ++ "."),
  {ok, Join} = erl_parse:parse_exprs(Tokens),
  {value, {atomic, ok}, _} = rpc:call(Stays, erl_eval, exprs, [Join, [{'New', New}]]),
  {atomic, ok} = rpc:call(Stays, mnesia, add_table_copy, [users, New, disc_copies]),
  os:cmd("kill -STOP " ++ rpc:call(New, os, getpid, [])),
  Write = fun(Node) -> rpc:async_call(Node, mnesia, sync_dirty, [fun mnesia:write/1, [{users, Node, 1}]]) end,
  Keys = [{Node, Write(Node)} || Node <- [Stays, Moves]],
  [io:format("~s: ~p~n", [Node, rpc:nb_yield(Key, 30000)]) || {Node, Key} <- Keys],
  halt()`;

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

test("a replica that hangs holds up writes on neither manager of a move", async () => {
  const directory = await mkdtemp(join(tmpdir(), "leofs-recovery-join-"));
  const env = {
    ...process.env,
    ERL_EPMD_PORT: String(await freePort()),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_CRASH_DUMP_SECONDS: "0",
    JOIN: expressions("leofs/pair/questions/join-replica.erl").text,
  };
  const started: ChildProcess[] = [];
  const start = (program: string, ...words: string[]) =>
    started.push(spawn(program, words, { env, cwd: directory, stdio: "ignore" }));
  onTestFinished(async () => {
    for (const child of started) {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((end) => child.once("exit", end));
    }
    await rm(directory, { recursive: true, force: true });
  });
  start("epmd");
  const named = (name: string) => ["-noshell", "-name", `${name}@127.0.0.1`, "-setcookie", "join"];
  for (const name of ["stays", "moves", "new"]) start("erl", ...named(name), "-mnesia", "dir", `"${name}"`);
  const asked = execFileSync("erl", [...named("asks"), "-hidden", "-eval", `${PROGRAM}.`], {
    env,
    cwd: directory,
    encoding: "utf8",
  });
  expect(asked).toBe("stays@127.0.0.1: {value,ok}\nmoves@127.0.0.1: {value,ok}\n");
});
