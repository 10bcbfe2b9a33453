import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { command } from "./commands";

/** The programs of this machine that a sandbox is made of, by absolute path. */
export interface Requirements {
  sshd: string;
  sshKeygen: string;
  /** Undefined where only OpenSSH's built-in one can be used. */
  sftpServer: string | undefined;
  erlc: string;
  epmd: string;
  erlCall: string;
  /** Erlang's own directory, e.g. `/usr/lib/erlang`. */
  erlangRoot: string;
  /** e.g. `13.1.5`. */
  ertsVersion: string;
}

const packages = ["erlang-base", "erlang-mnesia", "openssh-server", "openssh-client", "netcat-openbsd"];

/** Where a program of this machine is; undefined when it is not installed. */
export function onPath(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
}

async function erlang(): Promise<
  { root: string; version: string; erlCall: string; mnesia: boolean } | undefined
> {
  const erl = onPath("erl");
  if (erl === undefined) return undefined;
  const root = dirname(dirname(await realpath(erl)));
  const names = await readdir(root).catch(() => [] as string[]);
  const versions = names.filter((name) => name.startsWith("erts-")).map((name) => name.slice("erts-".length));
  // Several may be installed beside each other; the one that starts is named here.
  const started = existsSync(join(root, "releases", "start_erl.data"))
    ? readFileSync(join(root, "releases", "start_erl.data"), "utf8")
        .split(" ")[0]
        ?.trim()
    : undefined;
  const version = versions.find((one) => one === started) ?? versions[0];
  if (version === undefined) return undefined;
  const bundled = join(root, `erts-${version}`, "bin", "erl_call");
  const libraries = await readdir(join(root, "lib")).catch(() => [] as string[]);
  const interfaces = libraries
    .filter((name) => name.startsWith("erl_interface-"))
    .map((name) => join(root, "lib", name, "bin", "erl_call"));
  const erlCall = [bundled, ...interfaces].find((file) => existsSync(file));
  const mnesia = libraries.some((name) => name.startsWith("mnesia-"));
  return erlCall === undefined ? undefined : { root, version, erlCall, mnesia };
}

/** leofs-adm closes its side of the connection with -N, which other netcats do not know. */
async function openbsdNetcat(): Promise<string | undefined> {
  const nc = onPath("nc");
  if (nc === undefined) return undefined;
  const { stdout, stderr } = await command(nc, ["-h"]);
  return /-\w*N/.test(`${stdout}${stderr}`) ? nc : undefined;
}

/** What of this machine is there, and the names of the Debian packages that would bring the rest. */
async function inspect(): Promise<{ found?: Requirements; missing: string[] }> {
  const missing = new Set<string>();
  const need = (value: string | undefined, name: string): string => {
    if (value === undefined) missing.add(name);
    return value ?? "";
  };
  const release = await erlang();
  if (release === undefined) missing.add("erlang-base");
  if (release?.mnesia !== true) missing.add("erlang-mnesia");
  need(await openbsdNetcat(), "netcat-openbsd");
  need(onPath("ssh"), "openssh-client");
  const servers = [
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
  ];
  const found: Requirements = {
    sshd: need(onPath("sshd"), "openssh-server"),
    sshKeygen: need(onPath("ssh-keygen"), "openssh-client"),
    sftpServer: servers.find((file) => existsSync(file)),
    erlc: need(onPath("erlc"), "erlang-base"),
    epmd: need(onPath("epmd"), "erlang-base"),
    erlCall: release?.erlCall ?? "",
    erlangRoot: release?.root ?? "",
    ertsVersion: release?.version ?? "",
  };
  return missing.size === 0 ? { found, missing: [] } : { missing: [...missing] };
}

function aptWorksHere(): boolean {
  if (process.getuid?.() !== 0 || onPath("apt-get") === undefined) return false;
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}

/** Installs packages of this system without starting their services. Returns why that failed. */
export async function installPackages(missing: readonly string[]): Promise<string | undefined> {
  const policy = "/usr/sbin/policy-rc.d";
  // Debian starts a service with its package; the sandbox wants the program, not an sshd on port 22.
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const args = ["install", "-y", "--no-install-recommends", ...missing];
  try {
    const options = { env, timeoutMs: 300_000 };
    let outcome = await command("apt-get", args, options);
    if (outcome.code !== 0) {
      await command("apt-get", ["update"], options);
      outcome = await command("apt-get", args, options);
    }
    return outcome.code === 0 ? undefined : outcome.stderr.trim().split("\n").slice(-3).join("; ");
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

/**
 * Finds what the sandbox needs; as root on a Debian or Ubuntu installs what is missing with apt-get, without
 * starting any service. Elsewhere throws an error that says exactly what to install.
 */
export async function requirements(report: (line: string) => void): Promise<Requirements> {
  if (process.platform !== "linux")
    throw new Error("the sandbox needs Linux: it uses /proc and a whole 127.0.0.0/8 of loopback addresses");
  let { found, missing } = await inspect();
  let reason = "";
  if (found === undefined && aptWorksHere()) {
    report(`installing ${missing.join(", ")} with apt-get`);
    reason = (await installPackages(missing)) ?? "";
    ({ found, missing } = await inspect());
  }
  if (found !== undefined) return found;
  const others = "elsewhere: Erlang/OTP 23 or newer with Mnesia, OpenSSH's sshd and ssh, OpenBSD's nc";
  throw new Error(
    `the sandbox needs programs that are not on this machine. Install them, for Debian and Ubuntu: ` +
      `sudo apt-get install --no-install-recommends ${packages.join(" ")} (missing now: ${missing.join(", ")}); ${others}.` +
      (reason === "" ? "" : ` apt-get said: ${reason}`),
  );
}
