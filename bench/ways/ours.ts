import { appendFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { presentSettings } from "../../sandbox/stackFile";
import type { Clone } from "../../test/engine/support/clone";
import type { Span } from "../results";
import type { Scene } from "../scene";
import { stopwatch, type Way } from "./way";

const LIMIT_MS = 3_600_000;
const STACK = "bench";
const UP = ["up", "--yes", "--skip-preview", "--suppress-outputs"];

/** The settings of the scene, with the hosts as the operator reaches them. */
function settingsOf(scene: Scene, method: string): Record<string, unknown> {
  const present = presentSettings(scene.sandbox.description)!;
  const [[cluster, settings] = []] = Object.entries(present);
  const text = JSON.stringify({ ...settings, method });
  const reached = Object.entries(scene.reached).reduce((all, [name, { host, port }]) => {
    const { address, sshPort } = scene.sandbox.manager(name);
    return all.replaceAll(`"host":"${address}","port":${sshPort},`, `"host":"${host}","port":${port},`);
  }, text);
  return { [cluster!]: JSON.parse(reached) };
}

/** `pulumi up` of this project, as a person types it, without the preview that they have read. */
const ours = (clone: Clone, method: "offline" | "online"): Way => ({
  name: `ours-${method}`,
  title: `this, ${method}`,
  async prepare(scene) {
    const file = join(clone.directory, `Pulumi.${STACK}.yaml`);
    const begin = async () => {
      await clone.must("stack", "init", STACK);
      await appendFile(file, stringify({ config: { "leofs-recovery:clusters": settingsOf(scene, method) } }));
    };
    const end = async () => {
      await clone.pulumi("stack", "rm", "--yes", "--force", STACK);
      await rm(file, { force: true });
    };
    const timed = async (...args: string[]) => {
      const { code, text, seconds } = await clone.pulumiIn(clone.directory, [...args, "--stack", STACK], {
        timeoutMs: LIMIT_MS,
      });
      if (code !== 0) throw new Error(text);
      return seconds;
    };
    await begin();
    return {
      memoryOf: clone.directory,
      around: { preview: () => timed("preview"), again: () => timed(...UP) },
      async forget() {
        await end();
        await begin();
      },
      async recover() {
        const clock = stopwatch();
        const steps = new Steps();
        const began = performance.timeOrigin + performance.now();
        const trace = join(scene.sandbox.directory, "timeline.jsonl");
        await rm(trace, { force: true });
        const { code, text } = await clone.pulumiIn(clone.directory, [...UP, "--stack", STACK], {
          timeoutMs: LIMIT_MS,
          env: { LEOFS_RECOVERY_TIMELINE: trace },
          onLine: (line) => steps.read(line, clock()),
        });
        if (code !== 0) throw new Error(text);
        return [...steps.spans, ...(await tracedSpans(trace, began))];
      },
      end,
    };
  },
});

export const oursOffline = (clone: Clone): Way => ours(clone, "offline");
export const oursOnline = (clone: Clone): Way => ours(clone, "online");

/** What the recovery noted of itself. */
async function tracedSpans(file: string, began: number): Promise<Span[]> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
  const seconds = (at: number) => (at - began) / 1000;
  return lines.map((line) => {
    const { from, to, ...rest } = JSON.parse(line) as Span;
    return { ...rest, from: seconds(from), to: seconds(to) };
  });
}

/** The steps of a recovery as the CLI prints them. */
class Steps {
  readonly spans: Span[] = [];
  private readonly begun = new Map<string, number>();

  read(line: string, at: number): void {
    const [, name, what] = /^ [+~] +\S+ (\S+) (creating|created|updating|updated)\b/.exec(line) ?? [];
    if (!name || !what) return;
    if (what.endsWith("ing")) {
      if (!this.begun.has(name)) this.begun.set(name, at);
      return;
    }
    const from = this.begun.get(name);
    if (from !== undefined) this.spans.push({ row: "steps", what: name, from, to: at });
  }
}
