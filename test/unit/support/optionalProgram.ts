import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const LIMIT_MS = 120_000;

const onPath = (program: string): string | undefined =>
  [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file));

/**
 * A program that a test can do without: found, or as root on a Debian installed with apt-get. Undefined, and a line
 * that says what is left out, where neither works.
 */
export function optionalProgram(program: string, debianPackage: string): string | undefined {
  const found = onPath(program);
  if (found) return found;
  if (process.getuid?.() === 0 && onPath("apt-get")) {
    const options = [
      "-o",
      "DPkg::Lock::Timeout=60",
      "-o",
      "Acquire::Retries=0",
      "-o",
      "Acquire::http::Timeout=10",
    ];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const args = ["install", "-y", "--no-install-recommends", ...options, debianPackage];
    spawnSync("apt-get", args, { env, timeout: LIMIT_MS });
  }
  const installed = onPath(program);
  if (!installed)
    console.log(
      `SKIPPED: what needs ${program}, which is neither here nor to be had from the Debian package ${debianPackage}`,
    );
  return installed;
}
