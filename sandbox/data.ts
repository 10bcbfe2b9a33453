import { consoleCommand } from "./console";
import type { ManagerDescription } from "./describe";
import type { InitialData } from "./options";

/** What was written, with the keys that LeoFS made. */
export interface WrittenData {
  users: { id: string; accessKey: string; secretKey: string }[];
  buckets: string[];
  endpoints: string[];
}

async function ask(manager: ManagerDescription, line: string): Promise<string> {
  const answer = await consoleCommand(manager.nodeAddress, manager.consolePort, line);
  if (answer === "" || answer.startsWith("[ERROR]"))
    throw new Error(`${manager.node} answered "${line}" with "${answer.trim()}"`);
  return answer;
}

/**
 * Writes users, buckets and endpoints through one manager's console, named `<prefix>user1`, `<prefix>bucket1`,
 * `<prefix>endpoint1.local` and so on. Buckets belong to the new users in turn, or to `_test_leofs`. Throws at
 * the first `[ERROR]`: a name that exists is one.
 */
export async function writeData(
  manager: ManagerDescription,
  data: Partial<InitialData>,
  prefix = "",
): Promise<WrittenData> {
  const written: WrittenData = { users: [], buckets: [], endpoints: [] };
  for (let number = 1; number <= (data.users ?? 0); number += 1) {
    const id = `${prefix}user${number}`;
    const answer = await ask(manager, `create-user ${id}`);
    const accessKey = /access-key-id: (\S+)/.exec(answer)?.[1] ?? "";
    const secretKey = /secret-access-key: (\S+)/.exec(answer)?.[1] ?? "";
    written.users.push({ id, accessKey, secretKey });
  }
  for (let number = 1; number <= (data.buckets ?? 0); number += 1) {
    const bucket = `${prefix}bucket${number}`;
    const owner = written.users[(number - 1) % Math.max(1, written.users.length)];
    await ask(manager, `add-bucket ${bucket} ${owner?.accessKey ?? "05236"}`);
    written.buckets.push(bucket);
  }
  for (let number = 1; number <= (data.endpoints ?? 0); number += 1) {
    const endpoint = `${prefix}endpoint${number}.local`;
    await ask(manager, `add-endpoint ${endpoint}`);
    written.endpoints.push(endpoint);
  }
  return written;
}
