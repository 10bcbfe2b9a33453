/** How a recovery goes about it: with both managers stopped, as LeoFS documents it, or while one serves. */
export type Method = "offline" | "online";

/** A manager's place is taken by a new one. */
export interface TakeoverCase {
  kind: "takeover";
  /** Node name of the manager whose place is taken. */
  lost: string;
  /** That one is alive and moves: it is stopped once the other has every table. Default: it is gone. */
  moves?: true;
}

/** A manager's files are damaged. */
export interface InPlaceCase {
  kind: "inPlace";
  /** Index of the manager whose files are good, or `auto` for the one with the newest data. */
  donor: 0 | 1 | "auto";
}

/** Which recovery, of whom. The two managers are `[survivor, replacement]` or, in place, in any order. */
export type RecoveryCase = (TakeoverCase | InPlaceCase) & {
  /** `online`: while the good one serves. Default: both are stopped. */
  method?: Method;
};

/** Whether the manager whose place is taken is alive and moves. */
export const isMove = (recovery: RecoveryCase): boolean =>
  recovery.kind === "takeover" && recovery.moves === true;

/** The manager whose place is taken; undefined: each keeps its own. */
export const lostOf = (recovery: RecoveryCase): string | undefined =>
  recovery.kind === "takeover" ? recovery.lost : undefined;

/** What an operator calls it. */
export const nameOf = (recovery: RecoveryCase): string =>
  isMove(recovery) ? "move" : recovery.kind === "takeover" ? "takeover" : "in-place recovery";
