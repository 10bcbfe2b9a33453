import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import type { HostTarget } from "../../providers/arguments";
import type { ConnectionArgs } from "../../remote";

/**
 * A connection and the path of its key. Without key, password and agent the key is OpenSSH's own default; where only the
 * environment names an agent, that key is tried after it. Only the path leaves here: the key is read when a connection is
 * made.
 */
export function readableKey(
  { privateKeyFile, ...rest }: { privateKeyFile?: string | undefined },
  context: z.RefinementCtx,
): HostTarget {
  const connection = rest as unknown as ConnectionArgs;
  const { privateKey, password, agentSocketPath } = connection;
  const given = privateKey ?? password ?? agentSocketPath;
  const usual = given === undefined ? defaultKeyFile() : undefined;
  if (privateKeyFile === undefined && process.env.SSH_AUTH_SOCK)
    return { connection, ...(usual && { lastKeyFile: usual }) };
  const file = privateKeyFile ?? usual;
  if (file === undefined) return { connection };
  const path = file.replace(/^~(?=\/)/, homedir());
  try {
    readFileSync(path);
  } catch {
    context.addIssue({ code: "custom", path: ["privateKeyFile"], message: `: ${path} cannot be read` });
  }
  return { connection, privateKeyFile: path };
}

function defaultKeyFile(): string | undefined {
  const names = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(homedir(), ".ssh", name));
  return names.find((path) => existsSync(path));
}
