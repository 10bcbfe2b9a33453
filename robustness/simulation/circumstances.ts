/** Something that must never be: a finding about the product (or about the model). */
export class Violation extends Error {
  override name = "Violation";
}

/** The operator's process is gone: nothing it would still do takes place. */
export class Gone extends Error {
  override name = "Gone";
}

/** What happens to one remote call of an `up`. */
export interface Fault {
  /** Number of the call, from 1. */
  at: number;
  /** How far its script came, in thirds. */
  thirds: number;
  /** `killed`: the operator's process ends there. `lost`: the reply does not arrive, and it goes on. */
  how: "killed" | "lost";
}

/** What befalls the temporary VM of an online recovery before one of the remote calls while it runs, from 1. */
export interface VmFault {
  at: number;
  /** `cut off`: it ends with its connection. */
  how: "killed" | "hung" | "cut off";
}

/** What a remote call changes, step by step, and what it then says. */
export interface RemoteEffect<T> {
  steps: readonly (() => void)[];
  answer: () => T;
}

/** A user's write: before which remote call of an `up`, and what. */
export interface Write {
  at: number;
  what: "add" | "change" | "remove";
  which: number;
}

/** What an `up` meets. */
export interface Circumstances {
  fault: Fault | undefined;
  vmFault: VmFault | undefined;
  writes: readonly Write[];
  slow: boolean;
}
