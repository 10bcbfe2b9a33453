import { entries } from "./entries";
import { hasReached, type Of } from "./incident";
import type { Noted } from "./journal";

/**
 * What a host's discs or processes show that the phase of the incident does not say: a run ended before it could note what
 * it did, or somebody did something by hand. Each row: what is seen, when it is that, and what is done about it.
 */
export const surprises = {
  /**
   * The Mnesia directory was moved aside, and the run ended before it noted that. It counts as cleared. That the clearing
   * was begun says nothing: the manager may have been started and written to since.
   */
  movedUnnoted: ({ journal, node }: Of, seen: { asideExists: boolean }): boolean => {
    const clear = entries.clear(node);
    return !clear.isDone(journal) && clear.begun(journal)?.aside !== undefined && seen.asideExists;
  },

  /** What is in the directory is not what was backed up, and is still there: it is backed up again. */
  changedSince: (seen: { moved: boolean; isCopy: boolean }): boolean => !seen.moved && !seen.isCopy,

  /**
   * The files of the manager with the data are gone, or hold other tables than when the incident was begun: somebody moved
   * its directory away, and a start filled it with new ones. Refused.
   */
  tablesReplaced: (
    { journal }: Pick<Of, "journal">,
    seen: { files: boolean; schema: string | undefined },
  ): boolean => {
    const check = entries.check.done(journal);
    if (!check) return false;
    return !seen.files || differ(check.schema, seen.schema);
  },

  /** A survivor that was cleared has its tables from before again: somebody put them back. Refused: no pair forms with them. */
  oldTablesBack: ({ journal, node }: Of, seen: { schema: string | undefined }): boolean => {
    const before = entries.check.done(journal)?.schema;
    return before !== undefined && entries.clear(node).isDone(journal) && seen.schema === before;
  },

  /** The pair was formed again after the load: somebody emptied both directories, and the rows went with them. Loaded again. */
  formedAgain: (load: { schema: string | undefined }, seen: { schema: string | undefined }): boolean =>
    differ(load.schema, seen.schema),

  /** A load of this file was begun, and all of its rows are there: it is not repeated over what users changed since. */
  loadedUnnoted: (
    { journal }: Pick<Of, "journal">,
    seen: { file: string; schema: string | undefined; arrived: boolean },
  ): boolean => {
    const begun = entries.load.begun(journal);
    return begun?.file === seen.file && seen.arrived && !differ(begun.schema, seen.schema);
  },

  /** Both were cleared, nothing was loaded, and neither has all tables: the pair did not form. Emptied and started again. */
  unformed: (pair: readonly Of[], seen: { everyTable: readonly boolean[] }): boolean =>
    pair.every(({ journal, node }) => entries.clear(node).isDone(journal)) &&
    !pair.some(({ journal }) => entries.load.isBegun(journal) || entries.load.isDone(journal)) &&
    !seen.everyTable.includes(true),

  /**
   * The damaged manager was given the donor's files, did not note it, and they are not as they came: it was started since,
   * and the donor ran beside it with newer rows. The donor is backed up, and copied, again.
   */
  copyStarted: ({ journal, node }: Of, seen: { copyUnchanged: boolean }): boolean =>
    !entries.restore(node).isDone(journal) && !seen.copyUnchanged,

  /** The damaged manager serves before it was given any files: users may write to it. Refused unless the donor serves too. */
  overtaken: ({ journal, node }: Of, seen: { begun: boolean; serves: boolean }): boolean =>
    seen.begun && seen.serves && !entries.restore(node).isDone(journal),

  /** The conf names the new partner and its original is kept; the run ended before it noted the change. Noted now. */
  partnerUnnoted: ({ journal, node }: Of, seen: { originalKept: boolean }): boolean =>
    !entries.partner(node).isDone(journal) && seen.originalKept,

  /**
   * It was made a replica, and the tables are not on just these two any more, or it has no files: it was taken out since, and
   * a run that made it again has ended. Made again.
   */
  replicaGone: ({ journal, node }: Of, seen: { onBoth: boolean; files: boolean }): boolean =>
    entries.replica(node).isDone(journal) && !(seen.onBoth && seen.files),

  /** An incident that was begun has no journal any more: its directory is gone, with the backups. Warned of. */
  forgotten: (journal: Noted): boolean => !hasReached([journal], "checked"),
} as const;

/** Whether two names are both known, and are not the same. */
const differ = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other;
