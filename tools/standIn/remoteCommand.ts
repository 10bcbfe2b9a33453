import type { ClientChannel } from "ssh2";
import { dial } from "./dial";
import type { CommandInputs } from "./inputs";

/** What the command printed, without the last line feed, as the official plugin's outputs have it. */
export interface CommandOutput {
  stdout: string;
  stderr: string;
}

/** Where progress goes. `status` is shown while the command runs, `line` stays. */
export interface Log {
  line(text: string): void;
  status(text: string): void;
}

/**
 * Runs one command on the connection of `inputs`.
 * @param previous outputs of the run before, offered as PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR.
 * @throws with the command's text and all it printed when it ends with another code than 0.
 */
export async function runRemote(
  inputs: CommandInputs,
  command: string,
  previous: Partial<CommandOutput>,
  log: Log,
): Promise<CommandOutput> {
  const session = await dial(inputs.connection, log.status);
  try {
    return await new Promise<CommandOutput>((resolve, reject) => {
      // The listeners are set before this callback returns: the end of a short command can be in the same packet.
      session.client.exec(command, { env: environment(inputs, previous) }, (error, channel) =>
        error ? reject(error) : resolve(finish(channel, inputs, command, log)),
      );
    });
  } finally {
    session.close();
  }
}

function environment(inputs: CommandInputs, previous: Partial<CommandOutput>): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...inputs.environment };
  if (inputs.addPreviousOutputInEnv === false) return env;
  if (previous.stdout) env.PULUMI_COMMAND_STDOUT = previous.stdout;
  if (previous.stderr) env.PULUMI_COMMAND_STDERR = previous.stderr;
  return env;
}

async function finish(
  channel: ClientChannel,
  inputs: CommandInputs,
  command: string,
  log: Log,
): Promise<CommandOutput> {
  const logging = inputs.logging ?? "stdoutAndStderr";
  const combined: Buffer[] = [];
  const gather = (stream: NodeJS.ReadableStream, logged: boolean) => {
    const chunks: Buffer[] = [];
    const lines = splitter(log.line);
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      combined.push(chunk);
      if (logged) lines(chunk.toString("utf8"));
    });
    return () => Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
  };
  const stdout = gather(channel, logging === "stdout" || logging === "stdoutAndStderr");
  const stderr = gather(channel.stderr, logging === "stderr" || logging === "stdoutAndStderr");
  let ending: { code: number | null; signal?: string } | undefined;
  channel.on("exit", (code: number | null, signal?: string) => {
    ending = { code, signal };
  });
  channel.end(inputs.stdin ?? "");
  await new Promise<void>((resolve, reject) => {
    channel.once("close", () => resolve());
    channel.once("error", reject);
  });
  if (ending?.code === 0) return { stdout: stdout(), stderr: stderr() };
  throw new Error(
    `${reason(ending)}: running ${JSON.stringify(command)}:\n${Buffer.concat(combined).toString("utf8")}`,
  );
}

function reason(ending: { code: number | null; signal?: string } | undefined): string {
  if (!ending) return "wait: remote command exited without exit status or exit signal";
  return ending.signal
    ? `Process exited with signal ${ending.signal}`
    : `Process exited with status ${ending.code}`;
}

function splitter(line: (text: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) line(text);
  };
}
