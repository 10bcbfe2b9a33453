import { appendFile, copyFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { succeed } from "../../../sandbox/commands";
import { sourceDirectory } from "../../../sandbox/layout";

/** Erlang machines with one thread each that sleep when idle: what they do is the same. */
const ONE_THREAD = "+S 1:1 +SDcpu 1:1 +SDio 1 +sbwt none +sbwtdcpu none +sbwtdio none";

const COMPILE = `#!/usr/bin/env escript
main([Source, Directory]) ->
    {ok, Text} = file:read_file(Source),
    Lines = [Line || Line <- binary:split(Text, <<"\\n">>, [global]),
             binary:match(Line, [<<"#!">>, <<"%%!">>, <<"-mode(">>]) =:= nomatch],
    File = filename:join(Directory, "nodetool.erl"),
    ok = file:write_file(File, ["-module(nodetool).\\n-export([main/1]).\\n" | lists:join("\\n", Lines)]),
    {ok, _, Beam} = compile:file(File, [binary]),
    ok = escript:create(filename:join(Directory, "nodetool"), [shebang, {emu_args, "-hidden"}, {beam, Beam}]).
`;

/** Compiles the sandbox's nodetool once, where as a script it is compiled at each of its calls. Returns its path. */
export async function compiledNodetool(directory: string): Promise<string> {
  const script = join(directory, "compile.escript");
  await writeFile(script, COMPILE);
  await succeed("escript", [script, join(sourceDirectory(), "files", "nodetool"), directory]);
  return join(directory, "nodetool");
}

/** Makes the processes of a manager's home cheap: a matrix starts thousands of them. */
export async function makeLean(home: string, nodetool: string): Promise<void> {
  const runtime = (await readdir(home)).find((name) => name.startsWith("erts-"))!;
  await copyFile(nodetool, join(home, runtime, "bin", "nodetool"));
  await appendFile(join(home, "etc", "leo_manager.environment"), `export ERL_ZFLAGS='${ONE_THREAD}'\n`);
}
