import { shippedCookie } from "./managerConf";

/** Which data a new cluster starts with. */
export interface InitialData {
  /** S3 users besides LeoFS's own `_test_leofs`. */
  users: number;
  /** Buckets, owned by the users in turn (by `_test_leofs` when there are none). */
  buckets: number;
  /** Endpoints besides LeoFS's own two. */
  endpoints: number;
}

/** The sandbox's own clocks, in milliseconds; each reaches the Erlang nodes as an environment variable. */
export interface Timers {
  SANDBOX_TABLE_WAIT_MS: number;
  SANDBOX_LATE_TABLES_MS: number;
  SANDBOX_PARTNER_POLL_MS: number;
  SANDBOX_STOP_MS: number;
  SANDBOX_SLAVE_GIVE_UP_MS: number;
  SANDBOX_REGISTER_MS: number;
  /** How long the step of a statistic is another after a load; 0: it never is. */
  SANDBOX_LATE_STEP_MS: number;
  /** How often the master fails while it makes a pair's tables: it then runs without Mnesia. A number, no time. */
  SANDBOX_FORM_FAILURES: number;
}

/** What `up` takes. Everything but the directory has a default. */
export interface SandboxOptions extends Partial<InitialData> {
  /** Where everything of the sandbox is kept. Created. */
  directory: string;
  /** Storage nodes, default 2. */
  storages?: number;
  /** Gateway nodes, default 1. */
  gateways?: number;
  /** LeoFS's cluster id, default `leofs_1`. */
  cluster?: string;
  /** `shipped` (default): leofs-adm as in LeoFS 1.4.4. `documented`: with the dump and load its documentation promises. */
  adm?: "shipped" | "documented";
  /** Short timers, for tests that do not look at LeoFS's own waiting times. */
  fast?: boolean;
  /** Single timers, over those of `fast`. */
  timers?: Partial<Timers>;
  /** `own` (default): every node on a loopback address of its own. `recorded`: all on 127.0.0.1, as in the recordings. */
  addresses?: "own" | "recorded";
  /** `distributed_cookie` of the cluster. Default: the one that LeoFS's packages ship. */
  cookie?: string;
  /**
   * `plain` (default): homes below the hosts' directories, all processes are this user's. `package`: as LeoFS's packages
   * lay it, with the user `leofs`, systemd units and `current`, each host a machine of its own where that can be.
   */
  layout?: "plain" | "package";
  /** Of the layout `package`: the confs in effect are in /etc/leofs (`GLOBAL_CONFIG=yes`). Default false. */
  globalConfig?: boolean;
  /**
   * Of the layout `package`: who logs in. `root` (default); `ops`, who may act as `leofs` and start and stop LeoFS's
   * units with sudo; `leofs`, who was given a shell and may start and stop the units.
   */
  login?: "root" | "ops" | "leofs";
  /** An sshd at the address of each storage and gateway node too, for the setting `nodes`. Default false. */
  nodeHosts?: boolean;
  /** Lines of sshd_config for every host, in place of the sandbox's own with the same keyword. */
  sshd?: readonly string[];
  /** Progress, one line at a time. Default: silent. */
  report?: (line: string) => void;
}

/** LeoFS's own waiting times, measured on 1.4.4. */
const realTimers: Timers = {
  SANDBOX_TABLE_WAIT_MS: 180_000,
  SANDBOX_LATE_TABLES_MS: 4_000,
  SANDBOX_PARTNER_POLL_MS: 3_000,
  SANDBOX_STOP_MS: 3_000,
  SANDBOX_SLAVE_GIVE_UP_MS: 3_000,
  SANDBOX_REGISTER_MS: 5_000,
  SANDBOX_LATE_STEP_MS: 0,
  SANDBOX_FORM_FAILURES: 0,
};

/** The same order of events, sooner. */
const fastTimers: Timers = {
  SANDBOX_TABLE_WAIT_MS: 5_000,
  SANDBOX_LATE_TABLES_MS: 300,
  SANDBOX_PARTNER_POLL_MS: 300,
  SANDBOX_STOP_MS: 200,
  SANDBOX_SLAVE_GIVE_UP_MS: 300,
  SANDBOX_REGISTER_MS: 500,
  SANDBOX_LATE_STEP_MS: 0,
  SANDBOX_FORM_FAILURES: 0,
};

/** The options as they are kept in the description: complete, and without what only a running `up` needs. */
export interface Settings extends InitialData {
  storages: number;
  gateways: number;
  nodeHosts: boolean;
  cluster: string;
  adm: "shipped" | "documented";
  addresses: "own" | "recorded";
  cookie: string;
  sshd: readonly string[];
  layout: "plain" | "package";
  globalConfig: boolean;
  login: "root" | "ops" | "leofs";
  timers: Timers;
}

const limits = { storages: 20, gateways: 10, users: 1_000, buckets: 1_000, endpoints: 100 } as const;

/** Fills in the defaults. Throws one error that names every option that makes no sense. */
export function settle(options: Omit<SandboxOptions, "directory" | "report">): Settings {
  const settings: Settings = {
    storages: options.storages ?? 2,
    gateways: options.gateways ?? 1,
    nodeHosts: options.nodeHosts ?? false,
    users: options.users ?? 3,
    buckets: options.buckets ?? 2,
    endpoints: options.endpoints ?? 1,
    cluster: options.cluster ?? "leofs_1",
    adm: options.adm ?? "shipped",
    addresses: options.addresses ?? "own",
    cookie: options.cookie ?? shippedCookie,
    sshd: options.sshd ?? [],
    layout: options.layout ?? "plain",
    globalConfig: options.globalConfig ?? false,
    login: options.login ?? "root",
    timers: { ...(options.fast ? fastTimers : realTimers), ...options.timers },
  };
  const wrong: string[] = [];
  for (const [name, limit] of Object.entries(limits) as [keyof typeof limits, number][]) {
    const count = settings[name];
    if (!Number.isInteger(count) || count < 0 || count > limit)
      wrong.push(`${name}: a whole number from 0 to ${limit}`);
  }
  if (!/^[a-z][a-z0-9_]{0,31}$/.test(settings.cluster))
    wrong.push(
      "cluster: small letters, digits and _, beginning with a letter (LeoFS makes an Erlang atom of it)",
    );
  if (!/^[A-Za-z0-9_]{1,64}$/.test(settings.cookie))
    wrong.push("cookie: letters, digits and _ (it stands in files of three programs)");
  if (settings.nodeHosts && (settings.addresses === "recorded" || settings.layout === "package"))
    wrong.push("nodeHosts: only with addresses of their own, in the layout plain");
  if (settings.layout === "plain" && (settings.globalConfig || settings.login !== "root"))
    wrong.push("globalConfig and login: only with the layout package");
  if (wrong.length > 0) throw new Error(`these options do not work: ${wrong.join("; ")}`);
  return settings;
}
