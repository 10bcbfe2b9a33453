import type { Role } from "../../leofs/names";
import { EMPTY, mnesiaFiles, readMnesia, type Schema, type Tree } from "./files";
import { COPIED, type Replica, withNode, withNodesOf } from "./replica";
import { FRESH_ROWS, type Rows } from "./rows";

/** Running Mnesia with its tables, on one manager or replicated on both. */
export interface Database {
  schema: Schema;
  rows: Rows;
  members: Manager[];
  /** When LeoFS makes its last tables; before that a load would leave them in memory. */
  lateAt: number;
  /** Whose temporary VM takes part. */
  guest?: Manager | undefined;
  /** A temporary VM has had every table since it joined last. */
  copied?: boolean;
}

/** A manager's VM. */
export interface Vm {
  pid: number;
  /** `polling`: no files, waits for its partner. `loading`: waits for its tables. `up`: serves. */
  phase: "polling" | "loading" | "up";
  partner: string;
  since: number;
  /** When it does its next step by itself. */
  wakeAt: number;
  database?: Database;
  /** Whom it saw going down. */
  down: string[];
}

/** What Mnesia reads from whole files of its own. */
type Files = NonNullable<ReturnType<typeof readMnesia>>;

const POLL = 3_000;
const POLL_AGAIN = 2_700;
const LATE_TABLES = 4_000;
const TABLE_WAIT = 180_000;

/**
 * A manager as LeoFS 1.4.4 behaves: what it does when it is started with these files, when its partner comes and
 * goes, and what it leaves on the disc. The rules are those of shared observations that the sandbox plays too.
 */
export class Manager {
  vm: Vm | undefined;
  /** Its Mnesia directory while no database is open; undefined when there is none. */
  private closed: Tree | undefined = EMPTY;
  /** The partner it was last started with; undefined: never started. */
  startedWith: string | undefined;
  /** So many of its next starts die at once. */
  failingStarts = 0;
  /** The incident for which its control script is put aside; empty: it is not fenced. */
  fencedFor = "";
  private starts = 0;
  /** The Mnesia of a temporary VM under its name. */
  replica: Replica | undefined;
  /** What such a VM wrote, beside the Mnesia directory; undefined when there is nothing. */
  beside: Tree | undefined;
  /** That VM was started on a directory in which a schema lay. */
  startedOnFiles = false;

  constructor(
    readonly node: string,
    readonly role: Role,
    readonly partnerOf: () => string,
    private readonly others: () => readonly Manager[],
    private readonly now: () => number,
  ) {}

  /** The files in its Mnesia directory as they are at this moment. */
  get directory(): Tree | undefined {
    const { database, down = [] } = this.vm ?? {};
    if (!database) return this.closed;
    return mnesiaFiles(database.schema, database.rows, { writer: this.node, run: this.starts, down });
  }

  set directory(tree: Tree | undefined) {
    if (this.vm?.database) throw new Error(`model: the files of ${this.node} were changed while it runs`);
    this.closed = tree;
  }

  get serves(): Database | undefined {
    const database = this.vm?.phase === "up" ? this.vm.database : undefined;
    // Alone, one that has a copy of some tables only does not reach the others.
    const half = database?.schema.filling?.node;
    return database?.members.some(({ node }) => node !== half) ? database : undefined;
  }

  /** `bin/leo_manager start` */
  start(): void {
    if (this.vm || this.fencedFor !== "") return;
    this.startedWith = this.partnerOf();
    // Beside a temporary VM its name is taken.
    if (this.replica) return;
    if (this.failingStarts > 0) {
      this.failingStarts -= 1;
      return;
    }
    const phase = (this.closed ?? EMPTY).size > 0 ? "loading" : "polling";
    const since = this.now();
    this.starts += 1;
    const wakeAt = since + (phase === "loading" ? 300 : POLL);
    this.vm = { pid: 1_000 + this.starts, phase, partner: this.startedWith, since, wakeAt, down: [] };
  }

  /** Stops it, in order or not: what was committed is on the disc either way. */
  stop(): void {
    if (!this.vm) return;
    const { database } = this.vm;
    const left = this.directory;
    this.vm = undefined;
    this.closed = left;
    if (!database) return;
    database.members = database.members.filter((one) => one !== this);
    for (const other of database.members) other.vm!.down = [...other.vm!.down, this.node];
  }

  /** A temporary VM takes its name; undefined when it runs itself. */
  startReplica(): Replica | undefined {
    if (this.vm || this.replica) return undefined;
    this.starts += 1;
    this.startedOnFiles = (this.beside ?? EMPTY).has("schema.DAT");
    this.replica = { hung: false };
    return this.replica;
  }

  /** That VM ends: what it has is on the disc. */
  endReplica(): void {
    const database = this.replica?.database;
    if (database?.guest === this) this.leaveReplica();
    this.replica = undefined;
  }

  /** The serving managers see its temporary VM going down. */
  leaveReplica(): void {
    const { replica } = this;
    const database = replica?.database;
    if (!replica || !database) return;
    this.beside = mnesiaFiles(database.schema, database.rows, {
      writer: this.node,
      run: this.starts,
      down: replica.down ?? [],
    });
    database.guest = undefined;
    delete replica.database;
    for (const one of database.members) one.vm!.down = [...one.vm!.down, this.node];
  }

  /** While it waits: another one went down, as its log says from now on. */
  noteDown(node: string): void {
    const { schema, rows, log } = readMnesia(this.closed ?? EMPTY) ?? {};
    if (schema && rows && log) this.closed = mnesiaFiles(schema, rows, { ...log, down: [...log.down, node] });
  }

  /** Another one is there again. */
  sees(node: string): void {
    this.vm!.down = this.vm!.down.filter((one) => one !== node);
  }

  /** Does what is due by now. */
  wake(): void {
    const { vm } = this;
    if (!vm || vm.wakeAt > this.now()) return;
    if (vm.phase === "loading") this.load(vm);
    else if (vm.phase === "polling") this.poll(vm);
    else vm.wakeAt = Number.POSITIVE_INFINITY;
  }

  /** Loads its tables from its partner or from its own files, waits for its partner, or gives up. */
  private load(vm: Vm): void {
    const tree = this.closed ?? EMPTY;
    const { schema: own } = tree.get("schema.DAT") ?? {};
    const files = readMnesia(tree);
    // What a temporary VM left has the tables that were copied by then; Mnesia reads the others from its partner.
    const half = own?.filling?.node === this.node ? own.filling.tables : undefined;
    const others = this.others().filter((one) => one !== this && own?.nodes.includes(one.node));
    const theirs = others.find((one) => one.vm?.database)?.vm?.database;
    const strange = theirs && theirs.schema.id !== own?.id;
    if (!own?.nodes.includes(this.node) || !(files || half) || strange) this.stop();
    else if (own && theirs) {
      for (const one of theirs.members) one.sees(this.node);
      const there = theirs.members.map(({ node }) => node);
      const down = (files?.log.down ?? []).filter((node) => !there.includes(node));
      // One that was taken out meanwhile joins again, and with it whom its files know.
      const back = theirs.schema.nodes.includes(this.node) ? undefined : own;
      if (half || back) theirs.schema = withNode(theirs.schema, this.node, half ?? ["schema", ...COPIED]);
      if (back) theirs.schema = withNodesOf(theirs.schema, back);
      this.open(vm, theirs, down);
    } else if (files && this.mayLoadAlone(files, others)) {
      const { schema, rows, log } = files;
      const down = log.down.filter((node) => node !== this.node);
      this.open(vm, { schema, rows, members: [], lateAt: Number.NEGATIVE_INFINITY }, down);
    } else if (this.now() - vm.since > TABLE_WAIT) this.stop();
    else vm.wakeAt = this.now() + 1_000;
  }

  /** A manager loads its own files when it was the last, or when all wait in a circle and it is the first of them by name. */
  private mayLoadAlone(files: Files, others: readonly Manager[]): boolean {
    if (this.wasLast(files, others)) return true;
    const { id, nodes } = files.schema;
    const circle = others.filter(({ node }) => nodes.includes(node));
    if (circle.length < nodes.length - 1 || circle.some(({ node }) => node < this.node)) return false;
    return circle.every((one) => {
      const theirs = one.vm?.phase === "loading" ? readMnesia(one.directory ?? EMPTY) : undefined;
      return theirs?.schema.id === id && !one.wasLast(theirs, one.others());
    });
  }

  /** Each of the others went down before it, or waits for it likewise. */
  private wasLast({ schema, log }: Files, others: readonly Manager[]): boolean {
    return schema.nodes
      .filter((node) => node !== this.node && !log.down.includes(node))
      .every((node) => others.some((one) => one.node === node && this.isAwaitedBy(one, schema)));
  }

  private isAwaitedBy(other: Manager, { id }: Schema): boolean {
    if (other.vm?.phase !== "loading") return false;
    const tree = other.directory ?? EMPTY;
    const theirs = tree.get("schema.DAT")?.schema;
    // What has a copy of some tables only waits for the others, and is not waited for with them.
    if (theirs?.filling?.node === other.node) return theirs.id === id;
    const waiting = readMnesia(tree);
    return waiting?.schema.id === id && !waiting.log.down.includes(this.node);
  }

  private open(vm: Vm, database: Database, down: string[]): void {
    vm.phase = "up";
    vm.database = database;
    vm.down = down;
    vm.wakeAt = Number.POSITIVE_INFINITY;
    database.members = [...database.members, this];
  }

  private poll(vm: Vm): void {
    const partner = this.others().find((one) => one.node === vm.partner);
    if (!partner?.vm) {
      vm.wakeAt = this.now() + POLL_AGAIN;
      return;
    }
    if (this.role === "slave" || partner.vm.phase !== "polling") {
      // "Tables not exist": a slave whose timer comes first, and whoever meets a partner that has tables of its own.
      this.stop();
      return;
    }
    const schema: Schema = { id: this.starts, nodes: [this.node, partner.node] };
    const database: Database = {
      schema,
      rows: FRESH_ROWS,
      members: [],
      lateAt: this.now() + LATE_TABLES,
    };
    this.open(vm, database, []);
    partner.open(partner.vm, database, []);
  }
}
