import { etcOf } from "../manager/lookedAt";
import type { ManagerState } from "./view";

/** What to do about a manager that runs and does not answer: by what was seen, and by nothing else. */
export function silenceMended(
  { manager, silence }: ManagerState,
  again = "Then run pulumi up again.",
): string {
  const { spec, facts, settings } = manager;
  switch (silence?.cause) {
    case "cookie": {
      const file = settings.generated.cookie
        ? `${etcOf(facts)}/vm.args`
        : `${facts.conf.path} (distributed_cookie)`;
      return `The cookie was read from ${file}, which was changed since the start. Put back the one it was started with: ps shows it behind -setcookie on that host. ${again}`;
    }
    case "no_epmd":
      return `Start epmd there, as ${facts.runAs}: ${spec.home}/erts-*/bin/epmd -daemon. It finds the manager once that registers again, by itself within seconds (newer releases of Erlang) or at its next start. ${again}`;
    case "mute":
      return `See what holds it up on that host (ps shows its state; a stopped process goes on with kill -CONT), and look at log/app/error. ${again}`;
    default:
      return `See log/app/error of ${spec.home}. ${again}`;
  }
}
