import { isFull, mayRename } from "../manager/place";
import { someOf } from "../sentence";
import { type CheckList, examine, type Finding } from "./check";
import { isItself } from "./identityChecks";
import { managerChecks } from "./managerChecks";
import { writableAgain } from "./places";
import type { ManagerView } from "./view";

/** How many files a refusal names before it counts the rest. */
const MOST = 5;

/** What stop, start and the backups need of a manager's host. */
export const placeChecks: CheckList<ManagerView> = {
  of: "a manager's host",
  checks: [
    {
      name: "processes",
      test: ({ manager: { host }, places: { login, seesProcesses } }) =>
        seesProcesses
          ? undefined
          : `${host.label}: ${login} does not see the processes of other users (/proc is mounted with hidepid), so it could not tell a manager that runs from one that is down. Log in as root or as the user LeoFS runs as, or mount /proc with gid= of a group that ${login} is in.`,
    },
    {
      // One that runs is reached by its name, or is said not to be.
      name: "nameElsewhere",
      accept:
        "the address in the node's name is translated on its way to the host, so the host does not have it",
      test: ({ manager: { host, facts, spec }, places: { elsewhere } }) =>
        facts.beams.length === 0 && elsewhere !== undefined
          ? `${host.label}: ${spec.node} would be started here, but its name leads to ${elsewhere}, which is no address of this host: others would look for it there. Set right which host it is (connection.host), or the node's name, also in its conf.`
          : undefined,
    },
    {
      name: "unit",
      test: ({ manager: { host, facts, spec } }) => {
        const { unit, user } = facts;
        const said = unit?.said === undefined ? "" : ` (${unit.said})`;
        const terminal = /\btty\b/.test(said)
          ? ` sudo asks for a terminal there, which no script has: Defaults:${user} !requiretty lets it do without.`
          : "";
        return unit && (unit.active || unit.starts) && !unit.mine
          ? `${host.label}: ${spec.node} belongs to systemd (${unit.name}), and ${user} may not stop and start that unit: sudo -n -l systemctl stop ${unit.name} says so${said}.${terminal} Allow it there in a file of /etc/sudoers.d: ${user} ALL=(root) NOPASSWD: ${unit.systemctl} start ${unit.name}, ${unit.systemctl} stop ${unit.name}. Or log in as root.`
          : undefined;
      },
    },
    {
      name: "unitMasked",
      test: ({ manager: { host, facts, spec } }) =>
        facts.unit?.active && facts.maskedUnit === facts.unit.name
          ? `${host.label}: ${spec.node} runs in ${facts.unit.name} of systemd, which somebody has masked: once stopped it could not be started by it again. Allow it: systemctl unmask ${facts.unit.name}.`
          : undefined,
    },
    {
      // A VM before OTP 20 knows no signal that stops it in order.
      name: "unitKills",
      test: ({ manager: { host, facts, spec } }) =>
        facts.unit?.active && facts.unit.kills && Number.parseInt(facts.release.erts ?? "", 10) < 9
          ? `${host.label}: ${facts.unit.name} of systemd, in which ${spec.node} runs, has no ExecStop: systemd would end it by a signal, at which the Erlang of this release ends at once, and what Mnesia had not written yet would be gone. Give the unit its stop (systemctl edit ${facts.unit.name}, in [Service] ExecStop=${spec.home}/bin/leo_manager stop), then systemctl daemon-reload.`
          : undefined,
    },
    {
      // Of one that is down the next start generates them again.
      name: "generatedFiles",
      test: ({ manager: { host, facts, spec }, places: { user, generatedUnread } }) =>
        facts.beams.length > 0 && generatedUnread.length > 0
          ? `${host.label}: ${user} cannot read ${generatedUnread.join(", ")}, where bin/leo_manager stop finds the name and the cookie of ${spec.node}: it could not be stopped. A start by another user, such as root, leaves that. Give them back to the user LeoFS runs as (chown ${user}).`
          : undefined,
    },
    {
      // root has none.
      name: "quota",
      level: "hazard",
      test: ({ manager: { host }, places: { user, parent, backups } }) =>
        user === "root"
          ? undefined
          : [...new Set([parent, backups].flatMap(({ quota, disk }) => (quota ? [disk] : [])))].map(
              (disk) =>
                `${host.label}: the file system mounted on ${disk} has quotas, and what they leave to ${user} is not seen here. See it there with 'quota ${user}': it must have room for the new tables and the backups.`,
            ),
    },
    {
      name: "mnesiaFiles",
      test: ({ manager: { host }, places: { user, unreadable, mnesia } }) =>
        unreadable.length > 0
          ? `${host.label}: ${user} cannot read ${someOf(unreadable, MOST)} in ${mnesia.path}, so they could not be backed up, nor loaded by LeoFS. Give them back to the user LeoFS runs as (chown -R ${user}), or move what is not Mnesia's out of there.`
          : undefined,
    },
    {
      name: "mnesiaOddFiles",
      test: ({ manager: { host }, places: { odd, misnamed, mnesia } }) => [
        ...(odd.length > 0
          ? [
              `${host.label}: ${someOf(odd, MOST)} in ${mnesia.path} is not a plain file but a link or a device, and what it holds would not be in a backup. Put the file itself in its place while the manager is stopped, or move it out of there where it is not Mnesia's.`,
            ]
          : []),
        ...(misnamed.length > 0
          ? [
              `${host.label}: ${someOf(
                misnamed.map((name) => JSON.stringify(name)),
                MOST,
              )} in ${mnesia.path} has a line break, a backslash or something other than UTF-8 in its name, so that it could not be compared with its copy. Mnesia makes no such files: rename it, or move it out of there.`,
            ]
          : []),
      ],
    },
    {
      // Of one that is down the files themselves are judged.
      name: "mnesiaFallback",
      test: ({ manager: { host, spec, facts }, mnesia }) =>
        facts.beams.length > 0 && mnesia.files.some(({ name }) => name === "FALLBACK.BUP")
          ? `${host.label}: FALLBACK.BUP is in ${mnesia.path}: at its next start Mnesia would put that backup in the place of what ${spec.node} has now. If nobody wants that, take it back on ${spec.node} while it runs: mnesia:uninstall_fallback([{scope, local}]).`
          : undefined,
    },
    {
      name: "confDirectory",
      test: ({ manager: { host }, places: { user, etc } }) =>
        mayRename(etc, user, etc)
          ? undefined
          : `${host.label}: ${user} may not replace files in ${etc.path} (${etc.nearest} belongs to ${etc.owner}): neither could manager.partner be changed, nor would LeoFS generate its configuration at the next start. It would start with the old one. ${writableAgain(etc, "Give that directory to the user LeoFS runs as.")}`,
    },
    {
      name: "confSpace",
      test: ({ manager: { host }, places: { etc } }) =>
        isFull(etc)
          ? `${host.label}: the file system of ${etc.path} (mounted on ${etc.disk}) is full. LeoFS writes its configuration there at every start. Free space or files on it.`
          : undefined,
    },
    {
      name: "confParse",
      test: ({ manager: { host, facts }, places: { confRefused } }) =>
        confRefused === undefined
          ? undefined
          : `${host.label}: LeoFS's own generator cannot read ${facts.conf.path} or a file of leo_manager.d: ${confRefused}. LeoFS would start with the configuration of its last start. Mend what it names.`,
    },
    {
      name: "strayConf",
      test: ({ manager: { host }, places: { stray, etc } }) =>
        stray.length > 0
          ? `${host.label}: ${stray.join(", ")} in ${etc.path} looks to LeoFS like the configuration that it generates, and it would start with an old one. Move it out of ${etc.path}.`
          : undefined,
    },
    {
      // As a start by another user leaves it, root's most of all.
      name: "startFiles",
      test: ({ manager: { host, facts, spec }, places: { user, unwritable } }) => {
        // Under systemd a manager has no console, and no log of it.
        const served = facts.unit?.active || facts.unit?.starts;
        const files = unwritable.filter((file) => !served || !/\/erlang\.log\.\d+$/.test(file));
        return files.length > 0
          ? `${host.label}: ${user} cannot write to ${files.join(", ")}, which ${spec.node} writes from its start on: it would stop again at once. A start by another user, such as root, leaves that. Give all of ${spec.home}/work, log and snmp back to the user LeoFS runs as (chown -R ${user}).`
          : undefined;
      },
    },
    {
      name: "logDirectory",
      test: ({ manager: { host }, places: { user, log } }) =>
        log.writable && isFull(log)
          ? `${host.label}: the file system of ${log.path} (mounted on ${log.disk}) is full: bin/leo_manager start could not make its log there. Free space or files on it.`
          : log.writable
            ? undefined
            : `${host.label}: ${user} cannot write to ${log.path} (${log.nearest} belongs to ${log.owner}): bin/leo_manager start fails there and says nothing. ${writableAgain(log, "Give it to the user LeoFS runs as.")}`,
    },
    {
      name: "pipeDirectory",
      test: ({ manager: { host, facts }, places: { user, pipes } }) => {
        // Under systemd a manager has no console, and no pipes.
        if (pipes.writable || facts.unit?.active || facts.unit?.starts) return undefined;
        const mend =
          pipes.nearest === "/tmp"
            ? "Let every user write to /tmp (mode 1777)."
            : `It was made by another user's start: give it to ${user} (chown -R ${user} ${pipes.nearest}).`;
        return `${host.label}: ${user} cannot write to ${pipes.nearest}, which belongs to ${pipes.owner}: bin/leo_manager start makes the pipes of its console in ${pipes.path}, and fails there without a word. ${writableAgain(pipes, mend)}`;
      },
    },
  ],
};

/** What speaks for and against working on a manager: what it is, and then what its host is like. */
export function managerFindings(view: ManagerView): Finding[] {
  const own = examine(managerChecks, view);
  return isItself(view) ? [...own, ...examine(placeChecks, view)] : own;
}
