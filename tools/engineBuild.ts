import { mkdir, rm, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { lastLine, runCommand } from "./process";

/** The Pulumi version that is installed or built when the machine has none. */
export const ENGINE_VERSION = "3.259.0";

const MODULE = "github.com/pulumi/pulumi/pkg/v3";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const BUILD_LIMIT_MS = 30 * 60_000;
const PROGRESS_MS = 20_000;

// A main module's `replace` does not reach those who depend on it, so Pulumi's own one is repeated here.
const GO_MOD = `module leofs-recovery-engine

go 1.25

require ${MODULE} v${ENGINE_VERSION}

replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
`;

/**
 * Builds the Pulumi CLI from its Go module into `<directory>/bin/pulumi`: about four minutes on two cores.
 * @throws one line that says why: no Go, no module proxy, a compile error.
 */
export async function buildEngine(directory: string, report: (line: string) => void): Promise<void> {
  const env = { ...process.env, CGO_ENABLED: "0", GO111MODULE: "on", GOWORK: "off" };
  try {
    await runCommand("go", ["version"], { env, timeoutMs: 60_000 });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOENT" ? new Error("no `go` on the PATH") : error;
  }
  report(`building the Pulumi engine v${ENGINE_VERSION} from its Go module, about 4 minutes, once`);
  const source = path.join(directory, "source");
  const binary = path.join(directory, "bin", "pulumi");
  await mkdir(source, { recursive: true });
  await writeFile(path.join(source, "go.mod"), GO_MOD);
  const result = await runCommand(
    "go",
    [
      "build",
      "-v",
      "-mod=mod",
      "-buildvcs=false",
      "-trimpath",
      "-ldflags",
      `-s -w -X ${VERSION_VARIABLE}=v${ENGINE_VERSION}`,
      "-o",
      binary,
      `${MODULE}/cmd/pulumi`,
    ],
    { cwd: source, env, timeoutMs: BUILD_LIMIT_MS, onLine: progress(report) },
  );
  if (result.code !== 0) throw new Error(`go build ended with ${result.code}: ${lastLine(result.stderr)}`);
  await rm(source, { recursive: true });
  const version = await runCommand(binary, ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutMs: 60_000,
  });
  if (version.stdout.trim() !== `v${ENGINE_VERSION}`)
    throw new Error(`the built CLI says version "${version.stdout.trim()}" instead of v${ENGINE_VERSION}`);
}

function progress(report: (line: string) => void): (line: string) => void {
  const begin = Date.now();
  let last = begin;
  let fetched = 0;
  let compiled = 0;
  return (line) => {
    if (line.startsWith("go: ")) fetched += 1;
    else compiled += 1;
    if (Date.now() - last < PROGRESS_MS) return;
    last = Date.now();
    const seconds = Math.round((last - begin) / 1000);
    report(
      `building the Pulumi engine: ${seconds} s, ${fetched} modules fetched, ${compiled} packages compiled`,
    );
  };
}
