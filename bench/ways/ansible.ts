import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandOf } from "../../remote/script";
import { runCommand } from "../../tools/process";
import { peerSteps } from "../peerSteps";
import { keyOf } from "../scene";
import type { Way } from "./way";

const LIMIT_MS = 300_000;

/** A playbook with a task a step, pipelining and persistent connections. */
export const ansible = (program: string): Way => ({
  name: "ansible",
  title: "ansible-core, pipelining",
  async missing() {
    const found = await runCommand(program, ["--version"], { timeoutMs: 60_000 }).catch(() => undefined);
    return found?.code === 0 ? undefined : `${program} is not there: pip install ansible-core`;
  },
  async prepare(scene) {
    const directory = await mkdtemp(join(tmpdir(), "leofs-bench-"));
    const { user } = scene.sandbox.description;
    const hosts = Object.entries(scene.reached).map(
      ([name, { host, port }]) =>
        `${name} ansible_host=${host} ansible_port=${port} ansible_user=${user} ansible_ssh_private_key_file=${keyOf(scene)} ansible_python_interpreter=auto_silent`,
    );
    const plays = peerSteps(scene, false).map(({ on, script, values }) => ({
      hosts: on,
      gather_facts: false,
      tasks: [
        {
          name: script.name,
          "ansible.builtin.shell": { cmd: `{% raw %}${commandOf(script, values)}{% endraw %}` },
        },
      ],
    }));
    await writeFile(join(directory, "hosts"), `${hosts.join("\n")}\n`);
    // YAML reads JSON.
    await writeFile(join(directory, "recover.yaml"), JSON.stringify(plays));
    const env = {
      ...process.env,
      ...{ ANSIBLE_PIPELINING: "True", ANSIBLE_HOST_KEY_CHECKING: "False", ANSIBLE_NOCOWS: "1" },
      ANSIBLE_SSH_ARGS: "-o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=/dev/null",
      ANSIBLE_SSH_CONTROL_PATH_DIR: directory,
      ANSIBLE_LOCAL_TEMP: directory,
    };
    return {
      async recover() {
        const { code, stdout, stderr } = await runCommand(program, ["-i", "hosts", "recover.yaml"], {
          cwd: directory,
          env,
          timeoutMs: LIMIT_MS,
        });
        if (code !== 0) throw new Error(stdout + stderr);
        return [];
      },
      end: () => rm(directory, { recursive: true, force: true }),
    };
  },
});
