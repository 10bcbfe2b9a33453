import { posix } from "node:path";
import { settingOf } from "../conf/conf";
import { entries } from "../incident/entries";
import { etcOf } from "../manager/lookedAt";
import { mnesiaDirectoryIn, mnesiaPath, nextRole } from "../manager/settings";
import { workKiB } from "./backupRoom";
import type { CheckList } from "./check";
import { identityChecks } from "./identityChecks";
import { writableAgain } from "./places";
import { portChecks } from "./portChecks";
import type { ManagerView } from "./view";

/** What must hold of every manager that a recovery works on, whatever the case. */
export const managerChecks: CheckList<ManagerView> = {
  of: "a manager",
  checks: [
    ...identityChecks.checks,
    {
      name: "confMoved",
      test: ({ manager: { facts, host, spec } }) =>
        facts.conf.next === undefined
          ? undefined
          : `${host.label}: ${spec.node} runs with ${facts.conf.path}, but ${spec.home}/bin/leo_manager would start it with ${facts.conf.next}/leo_manager.conf (GLOBAL_CONFIG in /etc/leofs/leofs.conf, or RUNNER_ETC_DIR). Put back the one that counts, or name its directory as etcDirectory.`,
    },
    {
      name: "confEdited",
      // Of one that does not answer it cannot be told which of the two is the one it runs with.
      test: ({ manager: { facts, settings, host, spec }, evidence }) => {
        const { conf, generated } = settings;
        if (!evidence || facts.conf.main === undefined) return [];
        const edited = (key: string, change: string, back: string) => {
          const line = conf.values.get(key);
          const where = line ? `${line.file} line ${line.line}` : `${facts.conf.path}, where no line sets it`;
          return `${host.label}: ${key} was changed since ${spec.node} was started (${where}): ${change}. ${back}; it can be changed after the recovery.`;
        };
        const [cookie, mode] = [
          settingOf(conf, "distributed_cookie", settings.role),
          nextRole(conf, facts.conf),
        ];
        return [
          ...(generated.cookie && generated.cookie !== cookie
            ? [
                edited(
                  "distributed_cookie",
                  "after its next start it could reach neither its partner nor the storage nodes",
                  `Put back the one that ${etcOf(facts)}/vm.args has behind -setcookie`,
                ),
              ]
            : []),
          ...(evidence.role && mode && evidence.role !== mode
            ? [
                edited(
                  "manager.mode",
                  `it runs as ${evidence.role}, and its next start would make it a ${mode}`,
                  `Set manager.mode = ${evidence.role}`,
                ),
              ]
            : []),
        ];
      },
    },
    {
      name: "mnesiaLink",
      test: ({ manager: { host }, mnesia }) =>
        mnesia.link === undefined
          ? undefined
          : `${host.label}: the Mnesia directory ${mnesia.path} is a symbolic link to ${mnesia.link}. It is not followed: set mnesia.dir to the real directory.`,
    },
    {
      // What this incident has cleared is empty by its doing.
      name: "mnesiaUnmounted",
      test: ({ manager: { host, spec }, mnesia, journal }) =>
        mnesia.unmounted === undefined || entries.clear(spec.node).isBegun(journal)
          ? undefined
          : `${host.label}: ${mnesia.path} of ${spec.node} is empty or not there, and the disc that /etc/fstab has on ${mnesia.unmounted} is not mounted: its files may be on that, and new ones would lie hidden under it once it is. Mount it and look again. If that disc is lost, mount another one there, or take the line out of /etc/fstab.`,
    },
    {
      name: "mnesiaAccess",
      test: ({ manager: { host, facts, as }, mnesia }) =>
        mnesia.exists && !mnesia.readable
          ? `${host.label}: ${as ?? facts.user} cannot read ${mnesia.path}, which belongs to ${mnesia.owner}. LeoFS runs as ${facts.runAs}; set runAs if that is wrong.`
          : undefined,
    },
    {
      name: "mnesiaDirectory",
      test: ({ manager: { host, facts, settings, spec }, evidence, places }) => {
        const last = evidence?.directory || settings.generated.mnesiaDir;
        if (!last || facts.conf.main === undefined) return undefined;
        const used = mnesiaPath(last, spec.home);
        const next = mnesiaDirectoryIn(settings.conf, settings.role, spec.home);
        const plain = (path: string) =>
          places.home && path.startsWith(`${spec.home}/`) ? places.home + path.slice(spec.home.length) : path;
        if (posix.normalize(plain(used)) === posix.normalize(plain(next))) return undefined;
        const line = settings.conf.values.get("mnesia.dir");
        const where = line ? `${line.file} line ${line.line}` : `${facts.conf.path}, where no line sets it,`;
        return `${host.label}: ${spec.node} ${evidence ? "runs" : "was last started"} with the Mnesia directory ${used}, but its next start would use ${next}: mnesia.dir in ${where} was changed since. Set mnesia.dir back to ${used}, and if its files were moved meanwhile, move them back; it can be moved after the recovery.`;
      },
    },
    {
      name: "erlang",
      test: ({ manager: { host, facts, spec } }) =>
        facts.tools.erlang
          ? undefined
          : `${host.label}: ${spec.home}/erts-*/bin/erlexec or ${spec.home}/releases/*/start_clean.boot is not there. Both are part of every LeoFS release; a running manager is asked with them. Install the release completely.`,
    },
    ...portChecks.checks,
    {
      // Without forwarding a console is asked through leofs-adm; without that too the recovery could not be proven.
      name: "console",
      test: (view) =>
        view.forwardingOff && !view.manager.facts.tools.adm
          ? `${notForwarded(view)}, and there is no leofs-adm with nc to ask the console of ${view.manager.spec.node} through. Set \`AllowTcpForwarding local\` in its sshd_config (see PermitOpen too), or install leofs-adm and nc there.`
          : undefined,
    },
    {
      name: "consoleThroughAdm",
      level: "fact",
      test: (view) =>
        view.forwardingOff && view.manager.facts.tools.adm
          ? `${notForwarded(view)}, so the console of ${view.manager.spec.node} is asked through ${view.manager.facts.tools.adm}`
          : undefined,
    },
    {
      name: "oldServer",
      level: "hazard",
      test: ({ manager: { host } }) =>
        host.remark === undefined
          ? undefined
          : `${host.remark}. It works; update it, or add a host key of today's kinds to it.`,
    },
    {
      name: "supervised",
      level: "hazard",
      test: ({ manager: { host, facts, spec } }) =>
        facts.supervisor === undefined || facts.unit?.active
          ? undefined
          : `${host.label}: ${spec.node} runs under ${facts.supervisor.name} (process ${facts.supervisor.pid}), which may start it again as soon as it is stopped. See that it does not until the recovery is proven.`,
    },
    {
      name: "watched",
      level: "hazard",
      test: ({ manager: { host, facts, spec } }) =>
        facts.watchers.length === 0
          ? undefined
          : `${host.label}: ${facts.watchers.join(", ")} starts a manager by itself, which may be ${spec.node} while it is to be down. Have it leave ${spec.node} alone until the recovery is proven.`,
    },
    {
      name: "unclearUnit",
      level: "hazard",
      test: ({ manager: { host, facts, spec } }) => [
        ...(facts.aroundIt === undefined || facts.supervisor
          ? []
          : [
              `${host.label}: ${spec.node} was started from ${facts.aroundIt} of systemd, which is not its unit alone: it is stopped by its own script, and ${facts.aroundIt} may start it again. See that it does not until the recovery is proven.`,
            ]),
        ...(facts.maskedUnit === undefined || facts.unit?.active
          ? []
          : [
              `${host.label}: ${facts.maskedUnit} of systemd is masked, so that ${spec.node} is started by its own script and not in it. Where systemd is to run it, unmask it first: systemctl unmask ${facts.maskedUnit}.`,
            ]),
        ...facts.unclearUnits.map(
          (unit) =>
            `${host.label}: ${unit} of systemd starts a manager, and it cannot be told that it is ${spec.node} alone, so it is left as it is. See that it does not start ${spec.node} until the recovery is proven.`,
        ),
      ],
    },
    {
      // A package starts under a name on 127.0.0.1 before it gets its own.
      name: "copiedHome",
      level: "hazard",
      test: ({ manager: { host, facts, spec, settings } }) => {
        const { node } = settings.generated;
        return facts.beams.length > 0 || !node || node === spec.node || node.endsWith("@127.0.0.1")
          ? undefined
          : `${host.label}: ${spec.home} was last started as ${node}, so it was copied, or renamed since. What ${node} left in its queues would be done once more, by ${spec.node}: move the content of ${settingOf(settings.conf, "queue_dir", settings.role)} there to another directory before it starts.`;
      },
    },
    {
      name: "confWarning",
      level: "hazard",
      test: ({ manager: { host, settings } }) =>
        settings.conf.warnings.map((warning) => `${host.label}: ${warning}`),
    },
    {
      name: "backupDirectory",
      decides: true,
      test: ({ manager: { host, facts }, places: { backups, mnesia } }) => {
        if (backups.link)
          return `${host.label}: the backup directory ${backups.path} is a symbolic link, which is not followed. Name the real directory.`;
        if (!backups.writable)
          return `${host.label}: ${facts.runAs}, the user LeoFS runs as, cannot write to the backup directory ${backups.path}. ${writableAgain(backups, "Make it writable for that user, or set another backupDirectory.")}`;
        if (`${backups.real}/`.startsWith(`${mnesia.real}/`))
          return `${host.label}: the backup directory ${backups.path} is in the Mnesia directory ${mnesia.path}, which is moved aside as a whole: the backups would go with it. Set another backupDirectory.`;
        return undefined;
      },
    },
    {
      name: "backupInMemory",
      level: "hazard",
      test: ({ manager: { host }, places: { backups } }) =>
        backups.inMemory
          ? `${host.label}: the backup directory ${backups.path} is in memory (mounted on ${backups.disk}): a restart of that host would lose the backups and what the recovery noted there. Better set another backupDirectory.`
          : undefined,
    },
    {
      name: "backupSpace",
      test: (view) => {
        const wanted = workKiB(view);
        const { path, freeKiB } = view.places.backups;
        return freeKiB !== undefined && freeKiB < wanted
          ? `${view.manager.host.label}: ${path} has ${freeKiB} KiB free, ${wanted} KiB are needed for the backups and for sorting their rows. Free space there, or set another backupDirectory.`
          : undefined;
      },
    },
  ],
};

const notForwarded = ({ manager: { host, settings } }: ManagerView): string =>
  `${host.label}: its SSH server forwards no connections to ${settings.consoleAddress}:${settings.jsonPort}`;
