import { execFileSync, spawn } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { script } from "../../../../remote/script";
import { cleanUp, fakeHome } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { shells } from "../../support/shells";

cleanUp();

/** A release in a home, whose Erlang is that program. */
async function releaseOf(home: string, program: string): Promise<void> {
  const runtime = join(home, "erts-1/bin");
  await mkdir(runtime, { recursive: true });
  await writeFile(join(home, "releases/start_erl.data"), "1 1\n");
  await mkdir(join(home, "releases/1"));
  await writeFile(join(home, "releases/1/start_clean.boot"), "");
  await writeFile(join(runtime, "erlexec"), program);
  await chmod(join(runtime, "erlexec"), 0o755);
}

describe("the VM that asks", () => {
  /** The epmd port that it is started with. */
  async function port(file: string, environment?: Record<string, string>): Promise<string> {
    const { manager } = await fakeHome();
    const { home } = manager;
    await releaseOf(home, "#!/bin/sh\necho port=$ERL_EPMD_PORT\n");
    await writeFile(join(home, "etc/leo_manager.environment"), file);
    if (environment) {
      const vm = spawn(process.execPath, ["-e", "console.log(1); setTimeout(() => {}, 60_000)"], {
        argv0: join(home, "erts-1/bin/beam.smp"),
        env: { ...process.env, ...environment },
        stdio: ["ignore", "pipe", "ignore"],
      });
      onTestFinished(() => void vm.kill("SIGKILL"));
      await new Promise((resolve) => vm.stdout.once("data", resolve));
    }
    const asked = { home, etc: join(home, "etc"), boot: "" };
    return (await new LocalHost().run(script("leofs/erlang/scripts/asker.sh"), asked)).stdout.trim();
  }

  test("finds epmd where the environment file says it is", async () => {
    expect(await port("RUNNER_USER=leofs\n")).toBe("port=");
    expect(await port("export ERL_EPMD_PORT=4401\n")).toBe("port=4401");
  });

  test("finds it where the node that runs has it, of which no file need speak", async () => {
    expect(await port("RUNNER_USER=leofs\n", { ERL_EPMD_PORT: "4402" })).toBe("port=4402");
    expect(await port("ERL_EPMD_PORT=4401\n", { ERL_EPMD_PORT: "4403" })).toBe("port=4403");
  });
});

test.each(["leofs/erlang/scripts/asker.sh", "leofs/pair/scripts/replica-vm.sh"])(
  "%s: what a login sets for Erlang (a .bashrc with ERL_AFLAGS) does not reach a VM of ours",
  async (path) => {
    const { manager } = await fakeHome();
    const { home } = manager;
    await releaseOf(home, "#!/bin/sh\nenv | grep -c '^ERL_[AZ]*FLAGS\\|^ERL_LIBS'\n");
    const login = {
      ERL_FLAGS: "+K true",
      ERL_AFLAGS: "-kernel shell_history enabled",
      ERL_ZFLAGS: "-x",
      ERL_LIBS: "/x",
    };
    const { stdout } = await new LocalHost("sh", login).run(script(path), { home, etc: join(home, "etc") });
    expect(stdout).toBe("0\n");
  },
);

describe("what a node is told of its distribution", () => {
  test.each(shells)("is what our VMs are told, in $name", async ({ command }) => {
    const { manager } = await fakeHome();
    const { home } = manager;
    const etc = join(home, "etc");
    const told = (what: string) =>
      execFileSync(
        command[0],
        [...command.slice(1), "-c", `. leofs/erlang/scripts/lib.sh; ${what}`, "sh", home, etc],
        {
          encoding: "utf8",
        },
      ).trim();
    const write = (name: string, text: string) => writeFile(join(etc, name), text);
    expect(told('protocol_of "$@"')).toBe("");
    await write(
      "leo_manager.environment",
      '# export ERL_FLAGS="-proto_dist inet_tls"\nexport ERL_FLAGS="+K true -proto_dist inet6_tcp"\n',
    );
    expect(told('protocol_of "$@"')).toBe("inet6_tcp");
    await write("vm.args", "-proto_dist inet_tcp\n");
    expect(told('protocol_of "$@"')).toBe("");
  });

  test("holds for the ports that a firewall leaves them", async () => {
    const { manager } = await fakeHome();
    const { home } = manager;
    await releaseOf(
      home,
      '#!/bin/sh\necho "$@" | tr " " "\\n" | grep -e inet_dist -e proto_dist -e "^[0-9]*$" -e inet6 | tr "\\n" " "\n',
    );
    const etc = join(home, "etc");
    const flags = async () =>
      (await new LocalHost().run(script("leofs/pair/scripts/replica-vm.sh"), { home, etc })).stdout.trim();
    await writeFile(
      join(etc, "app.config"),
      "[{kernel,[{inet_dist_listen_min,9100},{inet_dist_listen_max, 9105}]}].\n",
    );
    expect(await flags()).toBe("inet_dist_listen_min 9100 inet_dist_listen_max 9105");
    await writeFile(
      join(etc, "leo_manager.environment"),
      'export ERL_FLAGS="-kernel inet_dist_listen_min 1 inet_dist_listen_max 2 -proto_dist inet6_tcp"\n',
    );
    expect(await flags()).toContain("-proto_dist inet6_tcp");
  });
});
