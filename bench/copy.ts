import { open, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { copyFile } from "../remote/copy/copy";
import { closeAll, connect } from "../remote/ssh/pool";
import { type Server, startServer } from "../test/remote/sshd";
import { runCommand } from "../tools/process";
import { spread } from "./results";

const LIMIT_MS = 300_000;
const MIB = 1024 * 1024;
/** What scp speaks. */
const SFTP = { config: ["Subsystem sftp internal-sftp"] };

/** A copy of one file from host to host through this machine, in seconds. */
export interface Copied {
  way: string;
  seconds: number;
}

/** Copies a file between two hosts by OpenSSH and by this project, one after another in each round. */
export async function measureCopies(mebibytes: number, rounds: number): Promise<Copied[]> {
  const [from, to] = await Promise.all([startServer(SFTP), startServer(SFTP)]);
  const [source, target] = [join(from.directory, "source"), join(to.directory, "target")];
  const copied: Copied[] = [];
  const timed = async (way: string, copy: () => Promise<unknown>) => {
    const started = performance.now();
    await copy();
    copied.push({ way, seconds: (performance.now() - started) / 1000 });
    await rm(target);
  };
  try {
    await makeFile(source, mebibytes);
    for (let round = 1; round <= rounds; round += 1) {
      await timed("scp -3", () => scp(from, source, to, target));
      await timed("scp -3, sha256sum on both hosts", async () => {
        await scp(from, source, to, target);
        await must("sha256sum", [source, target]);
      });
      await timed("this: SHA-256 on the way, synced, read back", async () => {
        await copyFile(connect(from.connection), source, connect(to.connection), target);
        closeAll();
      });
    }
    return copied;
  } finally {
    closeAll();
    await Promise.all([from.stop(), to.stop()]);
  }
}

/** Bytes that no link and no disc can make fewer of. */
async function makeFile(path: string, mebibytes: number): Promise<void> {
  const random = await open("/dev/urandom");
  const file = await open(path, "w", 0o600);
  const buffer = Buffer.alloc(MIB);
  for (let written = 0; written < mebibytes; written += 1) {
    await random.read(buffer, 0, MIB);
    await file.write(buffer);
  }
  await file.sync();
  await Promise.all([random.close(), file.close()]);
}

/** OpenSSH tries the keys of both hosts at each. */
async function scp(from: Server, source: string, to: Server, target: string): Promise<void> {
  const url = ({ address, port }: Server, path: string) =>
    `scp://${userInfo().username}@${address}:${port}/${path}`;
  const options = { BatchMode: "yes", StrictHostKeyChecking: "no", UserKnownHostsFile: "/dev/null" };
  const keys = [from, to].flatMap(({ directory }) => ["-i", join(directory, "client")]);
  const settings = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await must("scp", [
    "-3",
    "-q",
    "-F",
    "/dev/null",
    ...keys,
    ...settings,
    url(from, source),
    url(to, target),
  ]);
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand(program, args, { timeoutMs: LIMIT_MS });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
}

/** Markdown: a row a way, and its rate beside that of plain scp. */
export function copyTable(copied: readonly Copied[], mebibytes: number): string {
  const median = (way: string) =>
    spread(copied.filter((one) => one.way === way).map(({ seconds }) => seconds)).median;
  const ways = [...new Set(copied.map(({ way }) => way))];
  const rows = ways.map((way) => {
    const rate = mebibytes / median(way);
    return `| ${way} | ${median(way).toFixed(2)} | ${rate.toFixed(0)} | ${(median(ways[0]!) / median(way)).toFixed(2)} |`;
  });
  const head = `| a copy of ${mebibytes} MiB, host to host | s | MiB/s | x scp |`;
  return [head, "| --- | --- | --- | --- |", ...rows].join("\n");
}
