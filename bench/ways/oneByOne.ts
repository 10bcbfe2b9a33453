import { commandOf } from "../../remote/script";
import { runCommand } from "../../tools/process";
import { type PeerStep, peerSteps } from "../peerSteps";
import type { Span } from "../results";
import { keyOf, type Scene } from "../scene";
import { stopwatch, type Way } from "./way";

const LIMIT_MS = 240_000;

/** How a step's text is run: the program and its arguments. */
type Runner = (step: PeerStep, text: string) => [string, readonly string[]];

/** @throws with all that the step printed */
async function runSteps(steps: readonly PeerStep[], runner: Runner): Promise<Span[]> {
  const clock = stopwatch();
  const spans: Span[] = [];
  for (const step of steps) {
    const from = clock();
    const [program, args] = runner(step, commandOf(step.script, step.values));
    const { code, stdout, stderr } = await runCommand(program, args, { timeoutMs: LIMIT_MS });
    spans.push({ row: step.on, what: step.script.name, from, to: clock() });
    if (code !== 0) throw new Error(`${step.script.name} on ${step.on}: ${stdout}${stderr}`);
  }
  return spans;
}

/** The floor: the same steps as local processes, one after another. */
export const floor: Way = {
  name: "floor",
  title: "floor: the steps as local scripts",
  prepare: async (scene) => ({
    recover: () => runSteps(peerSteps(scene, true), (_, text) => ["sh", ["-c", text]]),
    end: async () => undefined,
  }),
};

/** Options of OpenSSH for a host of the sandbox, with one connection for all calls. */
function sshOptions(scene: Scene, name: string): string[] {
  const { host, port } = scene.reached[name]!;
  const { directory, user } = scene.sandbox.description;
  const options = {
    ...{ BatchMode: "yes", StrictHostKeyChecking: "no", UserKnownHostsFile: "/dev/null", LogLevel: "ERROR" },
    ...{ ControlMaster: "auto", ControlPath: `${directory}/%C`, ControlPersist: "60" },
  };
  return [
    ...["-F", "/dev/null", "-i", keyOf(scene), "-p", String(port)],
    ...Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]),
    `${user}@${host}`,
  ];
}

/** By hand: a shell script over OpenSSH, one call a step, multiplexed. */
export const byHand: Way = {
  name: "by-hand",
  title: "by hand, OpenSSH multiplexed",
  prepare: async (scene) => ({
    recover: () =>
      runSteps(peerSteps(scene, false), ({ on }, text) => ["ssh", [...sshOptions(scene, on), text]]),
    async end() {
      for (const name of [scene.good, scene.other])
        await runCommand("ssh", ["-O", "exit", ...sshOptions(scene, name)], { timeoutMs: 10_000 });
    },
  }),
};
