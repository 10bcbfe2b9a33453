import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import type { HostTarget } from "../../providers/targets/arguments";
import type { ConnectionArgs } from "../../remote/connection";
import {
  isEncryptedKey,
  looksLikeKey,
  privateKeyProblem,
  USUAL_KEYS,
} from "../../remote/ssh/connectionProblems";

/**
 * A connection and the path of its key. Without key, password and agent the key is OpenSSH's own default; where only the
 * environment names an agent, that key is tried after it. A key that needs a pass phrase which is not given is left to the
 * agent, as `ssh` does. Only the path leaves here: the key is read when a connection is made.
 */
export function readableKey(
  { privateKeyFile, ...rest }: { privateKeyFile?: string | undefined },
  context: z.RefinementCtx,
): HostTarget {
  const connection = rest as unknown as ConnectionArgs;
  const { privateKey, privateKeyPassword, password, agentSocketPath } = connection;
  const given = privateKey ?? password ?? agentSocketPath;
  const usual = given === undefined ? defaultKeyFile() : undefined;
  const agent = agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  if (privateKeyFile === undefined && privateKeyPassword === undefined && agent)
    return { connection, ...(usual && { lastKeyFile: usual }) };
  const file = privateKeyFile ?? usual;
  const problem = (name: string, message: string) =>
    context.addIssue({ code: "custom", path: [name], message });
  if (file === undefined) {
    if (privateKeyPassword !== undefined && privateKey === undefined)
      problem("privateKeyPassword", " is given without a key that it opens (privateKeyFile or privateKey)");
    return { connection };
  }
  const path = file.replace(/^~(?=\/)/, homedir());
  const text = textOf(path);
  if (text === undefined) problem("privateKeyFile", `: ${path} cannot be read`);
  else if (privateKeyPassword === undefined && isEncryptedKey(text)) {
    if (agent) return { connection };
    problem(
      "privateKeyFile",
      `: ${path} is encrypted: set privateKeyPassword, or use an SSH agent that has it`,
    );
  } else if (!looksLikeKey(text)) problem("privateKeyFile", `: ${path} does not hold a private key`);
  else {
    const wrong = privateKeyProblem(text, privateKeyPassword);
    if (wrong) problem("privateKeyFile", `: the key in ${path} ${wrong.replace(/\.$/, "")}`);
  }
  return { connection, privateKeyFile: path };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function defaultKeyFile(): string | undefined {
  const names = USUAL_KEYS.map((name) => join(homedir(), ".ssh", name));
  return names.find((path) => existsSync(path));
}
