import { chmod, copyFile, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { succeed } from "../commands";
import type { Role } from "../describe";
import { type EnvironmentOf, environmentFile } from "../environment";
import { type Home, installHome, leofsVersion } from "../homes";
import { paths } from "../layout";
import { managerConf, packagedPartner } from "../managerConf";
import { users } from "./debian";
import { keptBySudo, managerUnit, sshUnit, sudoers, unitOf } from "./units";

/** What a packaged manager is: its home through `current`, and where its conf in effect is, both as this machine sees them. */
export interface Packaged {
  home: string;
  etc: string;
}

const homeName = (role: Role): string => (role === "master" ? "leo_manager_0" : "leo_manager_1");

/** Where a package puts the manager of this role. */
export const packagedHome = (directory: string, name: string, role: Role): string =>
  join(paths.packageRoot(directory, name), "current", homeName(role));

/**
 * Installs a manager as LeoFS's packages do: root's programs and conf files, directories of the user `leofs` where LeoFS
 * writes, `current`, /etc/leofs with a copy of the confs. Where the conf in effect is in /etc/leofs, the home keeps the one
 * that the package came with. Nothing is started.
 */
export async function installPackaged(
  of: EnvironmentOf,
  name: string,
  node: Home & { role: Role },
): Promise<Packaged> {
  const { directory } = of;
  const root = paths.packageRoot(directory, name);
  const { home, role } = node;
  const inEtc = join(paths.packageEtc(directory, name), homeName(role));
  await mkdir(join(root, leofsVersion), { recursive: true });
  await symlink(leofsVersion, join(root, "current"));
  const global = of.settings.globalConfig;
  await installHome(of, {
    ...node,
    packaged: of.debian !== undefined,
    ...(global && { conf: shipped(role) }),
  });
  for (const agent of ["snmpa_manager_0", "snmpa_manager_1"])
    await mkdir(join(home, "snmp", agent), { recursive: true });
  await mkdir(join(inEtc, "leo_manager.d"), { recursive: true });
  await writeFile(join(inEtc, "leo_manager.conf"), node.conf);
  await writeFile(
    join(inEtc, "leo_manager.environment"),
    environmentFile(of, { ...node, packaged: of.debian !== undefined }),
  );
  await writeFile(join(dirname(inEtc), "leofs.conf"), `GLOBAL_CONFIG=${global ? "yes" : "no"}\n`);
  if (of.debian !== undefined) await giveToLeofs(home, inEtc);
  return { home, etc: global ? inEtc : join(home, "etc") };
}

/** The conf that a package brings: complete, and of nobody's cluster. */
const shipped = (role: Role): string =>
  managerConf({
    role,
    number: role === "master" ? 0 : 1,
    node: role === "master" ? "manager_0@127.0.0.1" : "manager_1@127.0.0.1",
    partner: packagedPartner(role),
    address: "localhost",
    cookie: "401321b4",
    cluster: "leofs_1",
    storages: 1,
  });

async function giveToLeofs(home: string, inEtc: string): Promise<void> {
  const owner = `${users.leofs.id}:${users.leofs.id}`;
  const written = ["log", "work", "snmp"].map((part) => join(home, part));
  await succeed("chown", ["-R", owner, ...written]);
  // The directories alone: the conf files in them stay root's.
  const only = [join(home, "etc"), inEtc];
  await succeed("chown", [owner, ...only]);
  for (const one of [...written, ...only]) await chmod(one, 0o2755);
}

/** What makes a host a machine: units, sudo rules, its sshd. Written over the Debian before the machine is first on. */
export async function installMachine(of: EnvironmentOf, name: string, home: string): Promise<void> {
  const host = paths.host(of.directory, name);
  const [system, wanted, rules] = [
    "etc/systemd/system",
    "etc/systemd/system/multi-user.target.wants",
    "etc/sudoers.d",
  ].map((part) => join(host, "changes", part)) as [string, string, string];
  for (const folder of [system, wanted, rules]) await mkdir(folder, { recursive: true });
  const root = join(paths.packageRoot(of.directory, name), "current");
  for (const role of ["master", "slave"] as const)
    await writeFile(join(system, unitOf(role)), managerUnit(role, join(root, homeName(role))));
  const ssh = paths.ssh(of.directory, name);
  await writeFile(
    join(system, "sandbox-sshd.service"),
    sshUnit(join(ssh, "sshd_config"), join(ssh, "sshd.log")),
  );
  await symlink("/etc/systemd/system/sandbox-sshd.service", join(wanted, "sandbox-sshd.service"));
  const hostname = name.replace("_", "-");
  await writeFile(join(host, "changes/etc/hostname"), `${hostname}\n`);
  await writeFile(join(host, "changes/etc/hosts"), `127.0.0.1 localhost ${hostname}\n`);
  await writeFile(join(rules, "sandbox"), keptBySudo, { mode: 0o440 });
  const { login } = of.settings;
  if (login !== "root") {
    await writeFile(join(rules, login), sudoers(login));
    await chmod(join(rules, login), 0o440);
  }
  if (login === "leofs") await giveShell(of.debian!, host);
  await openWay(of.directory, host, home);
}

/** A package gives its user no shell; who wants to log in as that user has given it one. */
async function giveShell(debian: string, host: string): Promise<void> {
  const text = await readFile(join(debian, "etc", "passwd"), "utf8");
  await writeFile(join(host, "changes", "etc", "passwd"), text.replace(/^(leofs:.*:)[^:]*$/m, "$1/bin/sh"));
}

/** The users of the machine have to get to what is theirs. */
async function openWay(directory: string, host: string, home: string): Promise<void> {
  await chmod(directory, 0o755);
  const backups = join(host, "backups");
  await succeed("chown", [`${users.leofs.id}:${users.leofs.id}`, backups]);
  for (const file of await readdir(join(host, "ssh")))
    if (file === "authorized_keys") await chmod(join(host, "ssh", file), 0o644);
  await copyFile(join(host, "bin", "leofs-adm"), join(home, "..", "leofs-adm"));
}
