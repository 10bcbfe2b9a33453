import type { Role } from "../describe";

/** The units that LeoFS's packages bring, by the role of the manager each one runs. */
export const unitOf = (role: Role): string => `leofs-manager-${role}.service`;

/**
 * The unit of a manager, as the packages of 1.4.0 and later have it. Without `Requires=leofs-epmd.socket`: all hosts of
 * a sandbox share one network, and so one epmd, which is the sandbox's own.
 *
 * @param home through `current`, as the packages write it
 */
export function managerUnit(role: Role, home: string): string {
  const script = `${home}/bin/leo_manager`;
  return `[Unit]
Description=LeoFS manager (${role})
After=network.target

[Service]
Type=notify
Environment=NODE_EXTRA_NAME=
ExecStart=${script} foreground_start
ExecStop=${script} stop
User=leofs
Group=leofs
Restart=on-failure
RestartSec=20
TimeoutStartSec=5min
TimeoutStopSec=5min

[Install]
WantedBy=multi-user.target
`;
}

/** The host's sshd, which comes up with the machine. */
export const sshUnit = (config: string, log: string): string => `[Unit]
Description=sshd of the sandbox

[Service]
RuntimeDirectory=sshd
ExecStart=/usr/sbin/sshd -D -f ${config} -E ${log}
KillMode=process

[Install]
WantedBy=multi-user.target
`;

const SYSTEMCTL = ["start", "stop", "enable", "disable"].flatMap((verb) => [
  `/usr/bin/systemctl ${verb} leofs-manager-*`,
]);

/** What the login `ops` may do without being asked: all that LeoFS's user may, and LeoFS's units. */
export const sudoers = (login: string): string =>
  `${login === "leofs" ? "" : `${login} ALL=(leofs) NOPASSWD: ALL\n`}${login} ALL=(root) NOPASSWD: ${SYSTEMCTL.join(", ")}\n`;

/** A sandbox's epmd and consoles are not where LeoFS's are: what says where must come through sudo too. */
export const keptBySudo =
  'Defaults env_keep += "ERL_EPMD_PORT ERL_EPMD_ADDRESS SANDBOX_DIRECTORY LEOFS_ADM_HOST LEOFS_ADM_PORT PATH"\n' +
  "Defaults !secure_path\n";
