import type { Role } from "./describe";

/** What a manager's conf says that differs from one manager to the next. */
export interface ManagerConf {
  role: Role;
  /** 0 for the first manager of a cluster: decides ports and the SNMP folder's name. */
  number: number;
  node: string;
  /** Node name of the other manager; a package comes with the default names on 127.0.0.1. */
  partner: string;
  /** Where the consoles listen. */
  address: string;
  cookie: string;
  cluster: string;
  /** Storage nodes in the cluster: more than one get two replicas. */
  storages: number;
}

/** LeoFS's cookie, as every package is shipped with. */
export const shippedCookie = "401321b4";

/** Console ports as LeoFS's packages count them: 10010, 10011, ... and 10020, 10021, ... */
export const consolePorts = (number: number) => ({ consolePort: 10010 + number, jsonPort: 10020 + number });

/** What `manager.partner` is in a freshly unpacked package. */
export const packagedPartner = (role: Role) =>
  role === "master" ? "manager_1@127.0.0.1" : "manager_0@127.0.0.1";

/** system.* and consistency.* stand only in a master's conf: LeoFS reads them there alone. */
function clusterSection(conf: ManagerConf): string[] {
  const replicas = Math.min(2, Math.max(1, conf.storages));
  return [
    "## The cluster as a whole; only a master reads these",
    "system.dc_id = dc_1",
    `system.cluster_id = ${conf.cluster}`,
    `consistency.num_of_replicas = ${replicas}`,
    "consistency.write = 1",
    "consistency.read = 1",
    "consistency.delete = 1",
    "consistency.rack_aware_replicas = 0",
    "",
  ];
}

/** The text of etc/leo_manager.conf with LeoFS 1.4.4's active keys, in its order. */
export function managerConf(conf: ManagerConf): string {
  const ports = consolePorts(conf.number);
  const snmp = conf.role === "master" ? "snmpa_manager_0" : "snmpa_manager_1";
  return `${[
    `# leo_manager.conf of a ${conf.role}. A later line of the same key wins, and so do the files of leo_manager.d.`,
    "",
    "## The other manager",
    `manager.partner = ${conf.partner}`,
    "",
    "## Consoles",
    `console.bind_address = ${conf.address}`,
    `console.port.cui  = ${ports.consolePort}`,
    `console.port.json = ${ports.jsonPort}`,
    "console.acceptors.cui = 3",
    "console.acceptors.json = 16",
    "console.histories.num_of_display = 200",
    "",
    ...(conf.role === "master" ? clusterSection(conf) : []),
    "## Database",
    "mnesia.dir = ./work/mnesia/127.0.0.1",
    "mnesia.dump_log_write_threshold = 50000",
    "mnesia.dc_dump_limit = 40",
    "",
    "## Logs and SNMP, as shipped",
    "# log.log_level = 1",
    `snmp_agent = ./snmp/${snmp}/LEO-MANAGER`,
    "",
    "## RPC",
    "rpc.server.acceptors = 16",
    `rpc.server.listen_port = ${13075 + conf.number}`,
    "rpc.server.listen_timeout = 5000",
    "rpc.client.connection_pool_size = 16",
    "rpc.client.connection_buffer_size = 16",
    "",
    "## Erlang",
    `nodename = ${conf.node}`,
    `distributed_cookie = ${conf.cookie}`,
    "erlang.kernel_poll = true",
    "erlang.asyc_threads = 32",
    "erlang.max_ports = 64000",
    "erlang.crash_dump = ./log/erl_crash.dump",
    "erlang.max_ets_tables = 256000",
    "erlang.smp = enable",
    "process_limit = 1048576",
  ].join("\n")}\n`;
}
