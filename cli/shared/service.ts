import type { LookedAt } from "../../leofs/manager/lookedAt";

/** The systemd unit that a manager is started and stopped by; undefined: it is started by its own script. */
export const unitOf = ({ facts: { unit } }: Pick<LookedAt, "facts">): string | undefined =>
  unit && (unit.active || unit.starts) ? unit.name : undefined;

/** What a person types on a manager's host to start or stop it, as the user who logs in there. */
export function serviceCommand(verb: "start" | "stop", { spec, facts, as }: LookedAt): string {
  const isRoot = facts.user === "root";
  const unit = unitOf({ facts });
  if (unit) return `${isRoot ? "" : "sudo "}systemctl ${verb} ${unit}`;
  const become = as === undefined ? "" : isRoot ? `runuser -u ${as} -- ` : `sudo -u ${as} `;
  return `${become}${spec.home}/bin/leo_manager ${verb}`;
}
