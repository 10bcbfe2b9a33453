import type { Tree } from "./files";
import { type Notes, noNotes } from "./journalNotes";
import type { Manager } from "./manager";

/** What lies beside the managers' own files. */
class Disc {
  journal: Notes = noNotes();
  /** Directories by path: backups, unfinished ones, what was moved aside, what is on its way in. */
  readonly trees = new Map<string, Tree>();
  readonly files = new Map<string, string>();
}

/** A machine with a manager, and its files as far as the recovery knows them. */
export class Machine {
  /** Several machines have the same one where their backup directory is on a share of the network. */
  disc = new Disc();
  readonly incident: string;
  conf: string;

  constructor(
    readonly address: string,
    readonly manager: Manager,
    readonly home: string,
    partner: string,
  ) {
    this.incident = "/backups/production-one";
    this.conf = `nodename = ${manager.node}\ndistributed_cookie = biscuit\nmanager.mode = ${manager.role}\nmanager.partner = ${partner}\n`;
  }

  get journal(): Notes {
    return this.disc.journal;
  }

  set journal(notes: Notes) {
    this.disc.journal = notes;
  }

  get trees(): Map<string, Tree> {
    return this.disc.trees;
  }

  get files(): Map<string, string> {
    return this.disc.files;
  }

  get mnesia(): string {
    return `${this.home}/work/mnesia/127.0.0.1`;
  }

  /** Where a temporary VM writes. */
  get beside(): string {
    return `${this.mnesia}.leofs-recovery-replica`;
  }

  /** The tree at a path, the Mnesia directory included. */
  tree(path: string): Tree | undefined {
    if (path === this.beside) return this.manager.beside;
    return path === this.mnesia ? this.manager.directory : this.trees.get(path);
  }

  putTree(path: string, tree: Tree | undefined): void {
    if (path === this.mnesia) this.manager.directory = tree;
    else if (path === this.beside) this.manager.beside = tree;
    else if (tree) this.trees.set(path, tree);
    else this.trees.delete(path);
  }

  file(path: string): string | undefined {
    const own = this.files.get(path);
    if (own !== undefined) return own;
    const cut = path.lastIndexOf("/");
    return this.trees.get(path.slice(0, cut))?.get(path.slice(cut + 1))?.text;
  }
}
