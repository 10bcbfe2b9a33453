import { brokenLines } from "../conf/conf";
import { etcOf } from "../manager/lookedAt";
import { isLeofs2 } from "../manager/versions";
import { type CheckList, examine } from "./check";
import type { ManagerView } from "./view";

/** Once one of these speaks, what was looked at is not the manager that was meant: nothing more is judged by it. */
export const identityChecks: CheckList<ManagerView> = {
  of: "a manager",
  checks: [
    {
      name: "home",
      decides: true,
      test: ({ manager: { facts, spec, host } }) => {
        if (facts.runsFrom !== undefined)
          return `${host.label}: ${spec.node} runs (process ${facts.beams.join(", ")}) from ${facts.runsFrom}, not from ${spec.home}. Set home to where it runs from.`;
        if (facts.home.closed !== undefined)
          return `${host.label}: ${facts.user} may not look into ${facts.home.closed}, so whether ${spec.home} is there is not seen. Set runAs to the user LeoFS runs as, who may, or log in as that user or root.`;
        if (!facts.home.exists)
          return `${host.label}: ${spec.home} is not there. Is it the home of ${spec.node}? It holds bin/leo_manager.`;
        if (!facts.home.script)
          return `${host.label}: ${spec.home} holds no bin/leo_manager that ${facts.user} may run. Set the manager's home, the directory above bin/.`;
        return undefined;
      },
    },
    {
      name: "leofs2",
      decides: true,
      test: ({ manager: { host, facts, spec } }) =>
        isLeofs2(facts.release) ||
        (facts.conf.main === undefined && /^-sname /m.test(facts.conf.vmArgs ?? ""))
          ? `${host.label}: ${spec.home} is an installation of LeoFS ${facts.release.leofs ?? "2 (no leo_manager.conf, -sname in vm.args)"}. leofs-recovery knows LeoFS 1 only: version 2 has other tables and no conf to put a partner in. Nothing was done; recover it as its own documentation says.`
          : undefined,
    },
    {
      name: "oldErlang",
      decides: true,
      test: ({ manager: { host, facts, spec } }) => {
        const { leofs, erts = "" } = facts.release;
        return Number.parseInt(erts, 10) < 7
          ? `${host.label}: ${spec.home} is LeoFS ${leofs ?? "1"} on the Erlang runtime ${erts}. leofs-recovery asks a manager in the Erlang of LeoFS 1.3.2 and later (OTP 18, Erlang runtime 7), so it cannot see here who has which data. Nothing was done; recover it by hand, as LeoFS's documentation says.`
          : undefined;
      },
    },
    {
      name: "distribution",
      decides: true,
      test: ({ manager: { host, facts, spec } }) =>
        facts.distribution === undefined || facts.distribution === "inet6_tcp"
          ? undefined
          : `${host.label}: the Erlang of ${spec.node} speaks with other nodes by ${facts.distribution} (-proto_dist). leofs-recovery asks managers over TCP alone, IPv4 or IPv6, so it cannot see here who has which data. Nothing was done; recover it by hand, as LeoFS's documentation says.`,
    },
    {
      name: "conf",
      decides: true,
      test: ({ manager: { facts, host } }) => {
        const { main, path, unreadable } = facts.conf;
        if (unreadable)
          return `${host.label}: ${facts.user} cannot read ${unreadable}. Let the user who logs in and the user LeoFS runs as read it.`;
        return main === undefined
          ? `${host.label}: ${path} is not there; LeoFS would start with its defaults, under another name.`
          : undefined;
      },
    },
    {
      // Erlang takes quotes and backslashes off, ends a word at a # and takes what begins with a dash for an option.
      name: "cookieText",
      decides: true,
      test: ({ manager: { facts, spec, host, settings } }) => {
        const [odd] = /["'\\#\s]|^[-+]|[^!-~]/u.exec(settings.cookie) ?? [];
        if (odd === undefined) return undefined;
        const line = settings.conf.values.get("distributed_cookie");
        const where = line ? `${line.file} line ${line.line}` : facts.conf.path;
        return `${host.label}: distributed_cookie of ${spec.node} (${where}) holds ${odd.trim() === "" ? "a blank" : odd}, which Erlang reads in one way and bin/leo_manager in another: its stop, ping and dump cannot reach the manager. Write there, and behind -setcookie in ${etcOf(facts)}/vm.args, what Erlang made of it (ps shows it behind -setcookie where the manager runs). No node needs a restart for that; its cookie stays as it is.`;
      },
    },
    {
      name: "nodeName",
      decides: true,
      test: ({ manager: { spec, host, settings } }) => {
        const line = settings.conf.values.get("nodename");
        if (settings.node === spec.node) return undefined;
        if (!line && settings.conf.broken.length > 0)
          return brokenLines(settings.conf).map((broken) => `${host.label}: ${broken}`);
        if (line && settings.generated.node === spec.node)
          return `${host.label}: ${spec.node} was last started from ${spec.home}, but ${line.file} line ${line.line} names ${line.value} since: its next start would be another node. Set nodename back to ${spec.node}.`;
        return `${host.label}: ${spec.home} is the home of ${settings.node ?? "a node without a name"}, not of ${spec.node}. Set the right home, or the right node; nothing is to be changed there.`;
      },
    },
  ],
};

/** Whether what was looked at is the manager that the settings name. */
export const isItself = (view: ManagerView): boolean => examine(identityChecks, view).length === 0;
