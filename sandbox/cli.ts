#!/usr/bin/env node
import { resolve } from "node:path";
import { help, type Request, UsageError, understand } from "./cliArguments";
import { Sandbox } from "./index";
import { statusText } from "./status";

/** Lines for the screen, each with the seconds since the start. */
function reporter(): (line: string) => void {
  const start = Date.now();
  return (line) => console.log(`[${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s] ${line}`);
}

async function act(request: Request): Promise<void> {
  const { directory } = request;
  switch (request.verb) {
    case "help":
      console.log(help);
      return;
    case "down": {
      const ended = await Sandbox.down(directory);
      console.log(`ended ${ended} processes; nothing of the sandbox in ${resolve(directory)} is left`);
      return;
    }
    case "up": {
      const report = reporter();
      const sandbox = await Sandbox.up({ ...request.options, directory, report });
      report("done");
      console.log(statusText(await sandbox.status()));
      return;
    }
    default:
      await change(request, await Sandbox.open(directory, reporter()));
  }
}

async function change(
  request: Exclude<Request, { verb: "up" | "down" | "help" }>,
  sandbox: Sandbox,
): Promise<void> {
  switch (request.verb) {
    case "status":
      console.log(statusText(await sandbox.status()));
      return;
    case "lose": {
      const name = await sandbox.lose(request.role);
      console.log(`${name} is gone: processes, files, host`);
      return;
    }
    case "damage": {
      const name = await sandbox.damage(request.role, { how: request.how });
      console.log(`${name} was killed and its Mnesia files are damaged (${request.how})`);
      return;
    }
    case "spare": {
      const name = await sandbox.spare(request.role === undefined ? {} : { role: request.role });
      const { node, home } = sandbox.manager(name);
      console.log(`${name} is installed as ${node} in ${home}; it was never started`);
      return;
    }
    case "write-while-down": {
      const written = await sandbox.writeWhileDown({ stopped: request.stopped });
      const names = written.users.map((user) => user.id).join(", ");
      console.log(`the ${request.stopped} is stopped and does not know the users ${names}`);
      return;
    }
    case "reset":
      await sandbox.reset();
      console.log(statusText(await sandbox.status()));
  }
}

async function main(): Promise<void> {
  try {
    await act(understand(process.argv.slice(2)));
  } catch (error) {
    console.error(`sandbox: ${(error as Error).message}`);
    if (error instanceof UsageError) console.error('"npm run sandbox -- --help" lists everything.');
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

void main();
