import { existsSync, readFileSync } from "node:fs";
import { appendFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeOnce } from "../../tools/makeOnce";
import { cacheRoot } from "../../tools/paths";
import { command, succeed } from "../commands";
import { installPackages, onPath, type Requirements } from "../requirements";

/** The ids of the users that a package and an operator bring: none that Debian gives by itself. */
export const users = {
  leofs: { id: 2041, home: "/usr/local/leofs", shell: "/sbin/nologin" },
  ops: { id: 2042, home: "/home/ops", shell: "/bin/bash" },
} as const;

const include = [
  ...["systemd", "dbus", "sudo", "procps", "openssh-server", "netcat-openbsd", "tcsh", "fish"],
  ...["erlang-base", "erlang-mnesia"],
];

/** Services that a machine of the sandbox has no use for; sshd and epmd are the sandbox's own. */
const masked = [
  ...["ssh.service", "ssh.socket", "epmd.service", "epmd.socket", "systemd-timesyncd.service"],
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer"],
  ...["getty@tty1.service", "console-getty.service", "systemd-logind.service"],
];

/** The folder, complete: changes with everything that goes into it. */
const version = 1;

/** Why there can be no machine with a systemd of its own here. */
export class NoMachine extends Error {}

/** The Debian mirror that this machine's own packages come from. */
async function mirror(codename: string): Promise<string> {
  const { stdout } = await command("apt-get", [
    "indextargets",
    "--format",
    "$(CREATED_BY) $(COMPONENT) $(RELEASE) $(REPO_URI)",
  ]);
  const found = stdout
    .split("\n")
    .map((line) => line.split(" "))
    .find(([by, component, release]) => by === "Packages" && component === "main" && release === codename);
  if (found?.[3] === undefined) throw new NoMachine(`apt has no source of Debian ${codename}`);
  return found[3];
}

/** apt's proxy, which debootstrap does not read. */
async function proxy(): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await command("apt-config", ["shell", "proxy", "Acquire::http::Proxy"]);
  const address = /^proxy='(.+)'$/m.exec(stdout)?.[1];
  return address === undefined ? {} : { http_proxy: address };
}

async function make(folder: string, codename: string): Promise<void> {
  const source = await mirror(codename);
  const env = { ...process.env, ...(await proxy()), DEBIAN_FRONTEND: "noninteractive" };
  const args = ["--variant=minbase", `--include=${include.join(",")}`, codename, folder, source];
  await succeed("debootstrap", args, { env, timeoutMs: 600_000 });
  for (const unit of masked) {
    const link = join(folder, "etc/systemd/system", unit);
    if (!existsSync(link)) await symlink("/dev/null", link);
  }
  for (const [name, { id, home, shell }] of Object.entries(users)) {
    // `*` and not `!`: sshd lets nobody in whose account is locked.
    const given = ["-u", String(id), "-U", "-m", "-d", home, "-s", shell, "-p", "*", name];
    await succeed("chroot", [folder, "useradd", ...given]);
  }
  await appendFile(join(folder, "etc/shells"), "/bin/csh\n");
  await mkdir(join(folder, "old"), { recursive: true });
  await writeFile(join(folder, "etc/hosts"), "127.0.0.1 localhost\n");
}

/**
 * A Debian of this machine's own release, made once a machine, for machines with a systemd of their own.
 *
 * @throws NoMachine with the reason where that cannot be.
 */
export async function debian(tools: Requirements, report: (line: string) => void): Promise<string> {
  if (process.getuid?.() !== 0) throw new NoMachine("only root can start one");
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (!/^ID=debian$/m.test(release) || codename === undefined)
    throw new NoMachine("its Debian is made from the packages of this system, which is none");
  await requireNamespaces();
  const folder = join(cacheRoot(), `debian-${codename}-${version}`);
  if (!existsSync(folder)) {
    if (onPath("debootstrap") === undefined) {
      report("installing debootstrap with apt-get");
      const problem = await installPackages(["debootstrap"]);
      if (problem !== undefined) throw new NoMachine(`debootstrap could not be installed: ${problem}`);
    }
    report("making a Debian for the hosts, once on this machine: about a minute");
    await makeOnce(folder, (staging) => make(join(staging), codename)).catch((error: Error) => {
      throw new NoMachine(`its Debian could not be made: ${error.message.trim().split("\n").at(-1)}`);
    });
  }
  const started = await readFile(join(folder, "usr/lib/erlang/releases/start_erl.data"), "utf8").catch(
    () => "",
  );
  if (tools.erlangRoot !== "/usr/lib/erlang" || started.split(" ")[0] !== tools.ertsVersion)
    throw new NoMachine(`its Erlang (erts ${started.split(" ")[0]}) is another than this machine's`);
  return folder;
}

/** Tries what a machine is started with, on nothing. */
async function requireNamespaces(): Promise<void> {
  const test =
    "mount --make-rprivate / && mount -t tmpfs x /mnt && mount -t cgroup -o none,name=systemd x /mnt";
  const { code, stderr } = await command("unshare", ["-m", "-p", "-u", "-C", "-f", "sh", "-c", test]);
  if (code !== 0) throw new NoMachine(`no namespaces or no cgroup: ${stderr.trim().split("\n").at(-1)}`);
}
