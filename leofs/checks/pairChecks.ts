import type { EffectiveConf } from "../conf/conf";
import { filesStep, finalStep } from "../incident/backups/fileBackup";
import { totalBytes } from "../incident/backups/tree";
import { isLeofs2, versionProblems } from "../manager/versions";
import { type Finding, fact, hazard, refuse } from "./findings";
import { dataFiles, type ManagerView } from "./view";

/** What must hold of every manager that a recovery works on, whatever the case. */
export function managerFindings(view: ManagerView): Finding[] {
  const { facts, settings } = view.site;
  const { manager, host } = view.site;
  const found: Finding[] = [];
  if (!facts.home.exists)
    return [
      refuse(
        "home",
        `${host.label}: ${manager.home} is not there. Is it the home of ${manager.node}? It holds bin/leo_manager.`,
      ),
    ];
  if (!facts.home.script)
    return [
      refuse(
        "home",
        `${host.label}: ${manager.home} holds no bin/leo_manager that ${facts.user} may run. Set the manager's home, the directory above bin/.`,
      ),
    ];
  if (isLeofs2(facts.release) || (facts.conf.main === undefined && /^-sname /m.test(facts.conf.vmArgs ?? "")))
    return [
      refuse(
        "leofs2",
        `${host.label}: ${manager.home} is an installation of LeoFS ${facts.release.leofs ?? "2 (no leo_manager.conf, -sname in vm.args)"}. leofs-recovery knows LeoFS 1 only: version 2 has other tables and no conf to put a partner in. Nothing was done; recover it as its own documentation says.`,
      ),
    ];
  if (settings.node !== manager.node)
    found.push(
      refuse(
        "nodeName",
        `${host.label}: ${manager.home} is the home of ${settings.node ?? "a node without a name"}, not of ${manager.node}. Set the right home, or nodename in ${facts.conf.path}.`,
      ),
    );
  if (facts.conf.main === undefined)
    found.push(
      refuse(
        "conf",
        `${host.label}: ${facts.conf.path} is not there; LeoFS would start with its defaults, under another name.`,
      ),
    );
  if (view.mnesia.link !== undefined)
    found.push(
      refuse(
        "mnesiaLink",
        `${host.label}: the Mnesia directory ${view.mnesia.path} is a symbolic link to ${view.mnesia.link}. It is not followed: set mnesia.dir to the real directory.`,
      ),
    );
  if (view.mnesia.exists && !view.mnesia.readable)
    found.push(
      refuse(
        "mnesiaAccess",
        `${host.label}: ${view.site.as ?? facts.user} cannot read ${view.mnesia.path}, which belongs to ${view.mnesia.owner}. LeoFS runs as ${facts.runAs}; set runAs if that is wrong.`,
      ),
    );
  if (!facts.tools.erlCall)
    found.push(
      refuse(
        "erlCall",
        `${host.label}: ${manager.home}/erts-*/bin/erl_call is not there; it is part of every release and brings the evidence. Install the release completely.`,
      ),
    );
  for (const port of view.takenPorts)
    found.push(
      refuse(
        "port",
        `${host.label}: something else listens on port ${port} of ${settings.consoleAddress}, a console port of ${manager.node}: it would crash at every start. End that, or set another port in ${facts.conf.path}.`,
      ),
    );
  if (view.forwardingOff) found.push(consoleFinding(view));
  found.push(...backupFindings(view));
  for (const warning of settings.conf.warnings) found.push(hazard("conf", `${host.label}: ${warning}`));
  return found;
}

/** Without forwarding a console is asked through leofs-adm; without that too the recovery could not be proven. */
function consoleFinding({ site }: ManagerView): Finding {
  const { host, facts, settings, manager } = site;
  const off = `${host.label}: its SSH server forwards no connections to ${settings.consoleAddress}:${settings.jsonPort}`;
  if (facts.tools.adm)
    return fact("console", `${off}, so the console of ${manager.node} is asked through ${facts.tools.adm}`);
  return refuse(
    "console",
    `${off}, and there is no leofs-adm with nc to ask the console of ${manager.node} through. Set \`AllowTcpForwarding local\` in its sshd_config (see PermitOpen too), or install leofs-adm and nc there.`,
  );
}

/**
 * KiB that the backups of a manager may still take: a dump and its files, then a copy to load and its dump, and room
 * to work. A dump takes up to as much as the files.
 */
export function backupKiB(view: ManagerView): number {
  const { done } = view.journal;
  const { node } = view.site.manager;
  const times = done.has(finalStep(node)) ? 0 : done.has(filesStep(node)) ? 2 : done.has("dump") ? 3 : 4;
  return Math.ceil((totalBytes(dataFiles(view)) * times) / 1024) + 4096;
}

function backupFindings(view: ManagerView): Finding[] {
  const { host } = view.site;
  const { path, link, writable, freeKiB } = view.backups;
  if (link)
    return [
      refuse(
        "backupDirectory",
        `${host.label}: the backup directory ${path} is a symbolic link, which is not followed. Name the real directory.`,
      ),
    ];
  if (!writable)
    return [
      refuse(
        "backupDirectory",
        `${host.label}: ${view.site.facts.runAs}, the user LeoFS runs as, cannot write to the backup directory ${path}. Make it writable for that user, or set another backupDirectory.`,
      ),
    ];
  const wanted = backupKiB(view);
  if (freeKiB !== undefined && freeKiB < wanted)
    return [
      refuse(
        "backupSpace",
        `${host.label}: ${path} has ${freeKiB} KiB free, ${wanted} KiB are needed for the backups. Free space there, or set another backupDirectory.`,
      ),
    ];
  return [];
}

/** What two managers must have in common to be a pair. */
export function pairFindings(one: ManagerView, other: ManagerView): Finding[] {
  const found: Finding[] = [];
  const [a, b] = [one.site, other.site];
  const release = (view: ManagerView) => ({ name: view.site.manager.node, release: view.site.facts.release });
  // LeoFS 2 is refused by its name, of which everything else follows.
  if ([one, other].some((view) => isLeofs2(view.site.facts.release))) return [];
  for (const problem of versionProblems(release(one), release(other))) found.push(refuse("version", problem));
  if (a.settings.cookie !== b.settings.cookie)
    found.push(
      refuse(
        "cookie",
        `${a.manager.node} and ${b.manager.node} have different distributed_cookie values, so they cannot talk to each other. Set the cluster's cookie in ${b.facts.conf.path} on ${b.host.label}.`,
      ),
    );
  if (a.settings.role === b.settings.role)
    found.push(
      refuse(
        "role",
        `${a.manager.node} and ${b.manager.node} are both configured as ${a.settings.role}. One has to be the other's partner: use the home of the other role (leo_manager_0 is the master's), or set manager.mode in its conf.`,
      ),
    );
  const apart = Math.abs(a.facts.now - b.facts.now);
  if (apart > 30)
    found.push(
      hazard(
        "clocks",
        `the clocks of ${a.host.label} and ${b.host.label} are ${apart} s apart; LeoFS compares times, so set them (NTP) soon.`,
      ),
    );
  return found;
}

/** A rebalance under way, and nodes that are not running: what the cluster's state means for a recovery. */
export function clusterFindings(view: ManagerView): Finding[] {
  const { evidence } = view;
  if (!evidence) return [];
  const found: Finding[] = [];
  const moving = evidence.nodes.filter((node) => ["attached", "detached", "reserved"].includes(node.state));
  const busy = evidence.nodes.filter(({ toMove }) => (toMove ?? 0) > 0);
  if (busy.length > 0)
    found.push(
      refuse(
        "rebalance",
        `a rebalance is under way: ${busy.map(({ node, toMove }) => `${node} has ${toMove} messages of it left`).join(", ")} (leofs-adm mq-stats ${busy[0]!.node}: leo_rebalance_queue, leo_sync_by_vnode_id_queue). Let it finish first.`,
      ),
    );
  if (moving.length > 0)
    found.push(
      refuse(
        "rebalance",
        `${moving.map((node) => `${node.node} is ${node.state}`).join(", ")}: the ring is about to change. Run or cancel the rebalance first.`,
      ),
    );
  for (const node of evidence.nodes.filter((one) => !one.answers))
    found.push(
      hazard(
        "nodeDown",
        `${node.type} ${node.node} does not answer (the managers list it as ${node.state}); it stays as debt until it is back.`,
      ),
    );
  const running = evidence.nodes.filter((node) => node.answers);
  if (running.length > 0)
    found.push(
      fact(
        "nodes",
        `running nodes: ${running.map((node) => `${node.node} follows ${node.follows?.join(" and ")}`).join("; ")}`,
      ),
    );
  return found;
}

/** The conf of a manager as it would be with another partner: for looking ahead. */
export function withPartner(conf: EffectiveConf, mainPath: string, partner: string): EffectiveConf {
  const values = new Map(conf.values);
  const current = values.get("manager.partner");
  if (!current || current.file === mainPath)
    values.set("manager.partner", { value: partner, file: mainPath, line: current?.line ?? 0 });
  return { ...conf, values };
}
