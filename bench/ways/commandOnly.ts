import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandOf } from "../../remote/script";
import type { Clone } from "../../test/engine/support/clone";
import { packageRoot } from "../../tools/paths";
import { peerSteps } from "../peerSteps";
import { keyOf, type Scene } from "../scene";
import type { Way } from "./way";

const LIMIT_MS = 300_000;

const PROGRAM = `import { readFileSync } from "node:fs";
import { remote } from "@pulumi/command";
import type { Resource } from "@pulumi/pulumi";

let last: Resource[] = [];
for (const [index, { connection, create }] of JSON.parse(readFileSync("steps.json", "utf8")).entries())
  last = [new remote.Command(\`step-\${index}\`, { connection, create }, { dependsOn: last })];
`;

async function layOut(directory: string, scene: Scene): Promise<void> {
  await mkdir(join(directory, "node_modules"));
  for (const name of ["@pulumi", "@types", "ts-node", "typescript"])
    await symlink(join(packageRoot(), "node_modules", name), join(directory, "node_modules", name));
  const privateKey = await readFile(keyOf(scene), "utf8");
  const { user } = scene.sandbox.description;
  const steps = peerSteps(scene, false).map(({ on, script, values }) => ({
    connection: { ...scene.reached[on]!, user, privateKey },
    create: commandOf(script, values),
  }));
  const files = {
    "Pulumi.yaml": "name: command-only\nruntime: nodejs\n",
    "package.json": JSON.stringify({ main: "index.ts", dependencies: { "@pulumi/command": "1.2.1" } }),
    "tsconfig.json": JSON.stringify({ "ts-node": { transpileOnly: true } }),
    "index.ts": PROGRAM,
    "steps.json": JSON.stringify(steps),
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, name), text, { mode: 0o600 });
}

/** A Pulumi program of `remote.Command` steps, one after another. */
export const commandOnly = (clone: Clone): Way => ({
  name: "command-only",
  title: "Pulumi, remote.Command only",
  async prepare(scene) {
    const directory = await mkdtemp(join(tmpdir(), "leofs-bench-"));
    await layOut(directory, scene);
    const made = await clone.pulumiIn(directory, ["stack", "init", "bench"]);
    if (made.code !== 0) throw new Error(made.text);
    return {
      async recover() {
        const up = ["up", "--yes", "--skip-preview", "--stack", "bench"];
        const { code, text } = await clone.pulumiIn(directory, up, { timeoutMs: LIMIT_MS });
        if (code !== 0) throw new Error(text);
        return [];
      },
      async end() {
        await clone.pulumiIn(directory, ["stack", "rm", "--yes", "--force", "bench"]);
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
});
