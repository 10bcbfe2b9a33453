import type * as pulumi from "@pulumi/pulumi";
import type { ListedNode, ManagerSpec, NodeSpec } from "../../leofs/names";
import type { ConnectionArgs } from "../../remote/connection";

/** How a host is reached. */
export interface HostTarget {
  /** Arguments of `@pulumi/command` 1.2.1, one object for both. */
  connection: ConnectionArgs;
  /**
   * Path of the private key on the operator's machine, read when a host is contacted. Only the path is kept in
   * the state, so a key rotated in place goes on working.
   */
  privateKeyFile?: string;
  /** Path of a private key that is tried when the SSH agent has none that helps, as `ssh` does. Read likewise. */
  lastKeyFile?: string;
}

/** A manager, how its host is reached, and where its backups go. All plain values: what a provider gets. */
export interface ManagerTarget extends ManagerSpec, HostTarget {
  /** Absolute directory on the manager's host for backups and the journal. */
  backupDirectory: string;
}

/** Where a second copy of every backup goes: on a host of its own. */
export interface CopyTarget extends HostTarget {
  /** Absolute directory there; the user who logs in must be able to write to it. */
  directory: string;
}

/** The lost manager on its host, to be kept from starting. `etcDirectory`: where its conf says whose home it is. */
export interface FenceTarget extends ManagerSpec, HostTarget {}

/** A storage or gateway node on its host. */
export interface NodeTarget extends NodeSpec, HostTarget {
  /** Absolute directory on its host for the conf's original. */
  backupDirectory: string;
}

/** What storage nodes have, and what gateway nodes have. */
export type ByType<T> = Partial<Record<ListedNode["type"], T>>;

/** What a single node has that differs from the others. */
export interface NodeException {
  /** Laid over the connection of all nodes, key by key. */
  connection?: Partial<ConnectionArgs>;
  privateKeyFile?: string;
  home?: string;
  etcDirectory?: string;
  runAs?: string;
  backupDirectory?: string;
}

/** How the hosts of the storage and gateway nodes are reached, whom the managers list by name: one template for all. */
export interface NodesTarget {
  /** `host` is the part of a node's name after `@` unless it is given. */
  connection?: Partial<ConnectionArgs>;
  privateKeyFile?: string;
  /** Default: where LeoFS's packages install them, `/usr/local/leofs/current/leo_storage` and `leo_gateway`. */
  home?: ByType<string>;
  /** Default: as bin/leo_storage and bin/leo_gateway find it. */
  etcDirectory?: ByType<string>;
  /** Default: `RUNNER_USER` of the node's environment file, else `leofs`. */
  runAs?: string;
  /** Default: `work/leofs-recovery` in each node's home, where LeoFS's user may write. */
  backupDirectory?: string;
  /** What single nodes have instead, by node name. */
  except?: Record<string, NodeException>;
}

/** A target as a program gives it. */
export type TargetArgs<T extends HostTarget> = pulumi.Input<{
  [Key in keyof T]: Key extends "connection"
    ? pulumi.Input<{ [K in keyof ConnectionArgs]: pulumi.Input<ConnectionArgs[K]> }>
    : pulumi.Input<T[Key]>;
}>;

/** `ManagerTarget` as a program gives it. */
export type ManagerTargetArgs = TargetArgs<ManagerTarget>;

/** `FenceTarget` as a program gives it. */
export type FenceTargetArgs = TargetArgs<FenceTarget>;

/** `CopyTarget` as a program gives it. */
export type CopyTargetArgs = TargetArgs<CopyTarget>;

/** `NodesTarget` as a program gives it. */
export type NodesTargetArgs = pulumi.Input<{ [Key in keyof NodesTarget]: pulumi.Input<NodesTarget[Key]> }>;

/** What every resource is told. */
export interface Common {
  /** Name of the cluster; with the incident it names the directory of backups and journal. */
  cluster: string;
  /** Name of the outage. A new one runs the recovery again; the same one never does. */
  incident: string;
  /** The Pulumi stack that asks for it, `organization/project/stack`: said by its locks. */
  stack?: string;
}

/** What a step does when the load or the proof fails: `stop` leaves all as it is for the next `up`. */
export type OnFailure = "stop" | "rollback";

/** `Common` as a program gives it. */
export interface CommonArgs {
  cluster: pulumi.Input<string>;
  incident: pulumi.Input<string>;
}

/** Names an incident's directory on a host, and its fence. */
export const directoryName = ({ cluster, incident }: Common): string => `${cluster}-${incident}`;

/** How a lock names the recovery that holds it. */
export const lockIncident = ({ cluster, incident }: Common): string => `${cluster}/${incident}`;

/** The directory of an incident in a directory for backups. */
export const incidentIn = (directory: string, common: Common): string =>
  `${directory.replace(/\/+$/, "")}/${directoryName(common)}`;

/** Directory of backups and journal of an incident on one host. */
export const incidentDirectory = (target: ManagerTarget, common: Common): string =>
  incidentIn(target.backupDirectory, common);
