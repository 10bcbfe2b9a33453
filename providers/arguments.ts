import type * as pulumi from "@pulumi/pulumi";
import type { ManagerSpec } from "../leofs/manager";
import type { ConnectionArgs } from "../remote/connection";

/** A manager, how its host is reached, and where its backups go. All plain values: what a provider gets. */
export interface ManagerTarget extends ManagerSpec {
  /** Arguments of `@pulumi/command` 1.2.1, one object for both. */
  connection: ConnectionArgs;
  /**
   * Path of the private key on the operator's machine, read when a host is contacted. Only the path is kept in
   * the state, so a key rotated in place goes on working.
   */
  privateKeyFile?: string;
  /** Absolute directory on the manager's host for backups and the journal. */
  backupDirectory: string;
}

/** `ManagerTarget` as a program gives it. */
export type ManagerTargetArgs = pulumi.Input<{
  [Key in keyof ManagerTarget]: Key extends "connection"
    ? pulumi.Input<{ [K in keyof ConnectionArgs]: pulumi.Input<ConnectionArgs[K]> }>
    : pulumi.Input<ManagerTarget[Key]>;
}>;

/** What all four resources are told. */
export interface Common {
  /** Name of the cluster; with the incident it names the directory of backups and journal. */
  cluster: string;
  /** Name of the outage. A new one runs the recovery again; the same one never does. */
  incident: string;
}

/** What a step does when the load or the proof fails: `stop` leaves all as it is for the next `up`. */
export type OnFailure = "stop" | "rollback";

/** `Common` as a program gives it. */
export interface CommonArgs {
  cluster: pulumi.Input<string>;
  incident: pulumi.Input<string>;
}

/** Directory of backups and journal of an incident on one host. */
export const incidentDirectory = (target: ManagerTarget, { cluster, incident }: Common): string =>
  `${target.backupDirectory.replace(/\/+$/, "")}/${cluster}-${incident}`;
