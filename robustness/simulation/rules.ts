import { Violation } from "./circumstances";
import { EMPTY, outOfBackup, sameTree, type Tree } from "./files";
import type { Machine } from "./machine";

/** A directory that was published as a backup. */
export interface Published {
  host: Machine;
  path: string;
  tree: Tree;
}

/** What a recovery did to data that cannot be done again, and what must never be. */
export class Rules {
  /** What users were told is written, by row; removed rows have 0. */
  readonly acknowledged = new Map<string, number>();
  /** What LeoFS writes into fresh tables and an administrator removed, before it all began. */
  removedForGood: readonly string[] = [];
  readonly published: Published[] = [];
  /** How often each manager's files were cleared away, by node name. */
  readonly cleared = new Map<string, number>();
  /** How often each manager was given files, by node name, since it was taken back. */
  readonly given = new Map<string, number>();
  /** Loads of a dump. */
  loads = 0;
  /** The first thing that must never be, kept here since the product takes every error for one of the host. */
  violation: Violation | undefined;

  /** @param machines those of the world, which may still come */
  constructor(private readonly machines: readonly Machine[]) {}

  violate(what: string): void {
    this.violation ??= new Violation(what);
  }

  /** The product stops a manager. One that moves has handed every table on by then, and the others serve without it. */
  seeStopped({ manager }: Machine): void {
    const [stays, , moving] = this.machines;
    const { serves } = manager;
    if (manager !== moving?.manager || !serves) return;
    if (!serves.members.includes(stays!.manager) || !serves.copied)
      this.violate(`${manager.node} is to move, and was stopped before another one had every table`);
  }

  /** A manager's files are cleared away: once, and in a backup of its host. */
  clear(machine: Machine, tree: Tree): void {
    const { node } = machine.manager;
    if (!this.isBackedUp(machine, tree)) this.violate(`${node} was cleared and its files are in no backup`);
    this.cleared.set(node, (this.cleared.get(node) ?? 0) + 1);
  }

  /** A copy that a manager was given goes again: the donor ran meanwhile and has newer files. */
  takeBack(machine: Machine, tree: Tree): void {
    const { node } = machine.manager;
    const donor = this.machines.find((one) => one !== machine)!;
    if (!this.isBackedUp(donor, tree) && !this.isBackedUp(machine, tree))
      this.violate(`${node} is cleared of a copy that was started, and that is in no backup`);
    this.given.delete(node);
  }

  /** A manager is given a copy of the other's files: of all that it has, and that are in a backup of its host. */
  gave({ manager }: Machine, tree: Tree): void {
    const { node } = manager;
    this.given.set(node, (this.given.get(node) ?? 0) + 1);
    const donor = this.machines.find((one) => one.manager !== manager)!;
    const files = donor.manager.directory ?? EMPTY;
    if (donor.manager.vm) this.violate(`${node} is given the files of ${donor.manager.node}, which runs`);
    else if (!sameTree(tree, files))
      this.violate(`${node} is given other files than ${donor.manager.node} has`);
    else if (!this.isBackedUp(donor, files))
      this.violate(`${node} is given files of ${donor.manager.node} that are in no backup of it`);
  }

  /** Whether these files are in a published backup of that machine. */
  isBackedUp(machine: Machine, tree: Tree): boolean {
    return this.published.some(
      ({ host, tree: backup }) => host === machine && sameTree(tree, outOfBackup(backup)),
    );
  }
}
