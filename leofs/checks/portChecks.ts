import type { CheckList } from "./check";
import type { TakenPort } from "./ports";
import type { ManagerView } from "./view";

/** What has a port that a manager's next start takes. */
export const portChecks: CheckList<ManagerView> = {
  of: "a manager",
  checks: [
    {
      name: "port",
      test: ({ manager: { host, facts, spec }, places }) =>
        places.takenPorts
          .filter(({ use }) => use === "console")
          .map(
            (taken) =>
              `${host.label}: ${holderOf(taken)} listens on port ${taken.port}, a console port of ${spec.node}: it would crash at every start. End that, or set another port in ${facts.conf.path}.`,
          ),
    },
    {
      // Two Erlang VMs share the port of an SNMP agent.
      name: "snmpPort",
      test: ({ manager: { host, spec }, places }) =>
        places.takenPorts
          .filter(({ use, holder }) => use === "snmp" && !/^beam/.test(holder ?? ""))
          .map(
            (taken) =>
              `${host.label}: ${holderOf(taken)} has the UDP port ${taken.port}, which the SNMP agent of ${spec.node} takes at every start: without it LeoFS stops itself as soon as its tables are there. End that, or set another intAgentUDPPort in the agent.conf below ${spec.home}/snmp.`,
          ),
    },
    {
      // LeoFS goes on without it.
      name: "rpcPort",
      level: "hazard",
      test: ({ manager: { host, facts, spec }, places }) =>
        places.takenPorts
          .filter(({ use }) => use === "rpc")
          .map(
            (taken) =>
              `${host.label}: ${holderOf(taken)} listens on port ${taken.port}, the rpc.server.listen_port of ${spec.node}: it would start without, and clusters that it replicates with would not reach it. End that, or set another port in ${facts.conf.path}.`,
          ),
    },
  ],
};

const holderOf = ({ holder }: TakenPort): string =>
  holder === undefined ? "something else" : holder.replace(/ (\d+)$/, " (process $1)");
