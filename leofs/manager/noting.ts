/** Where a stop is noted, on disc before it begins, and again when it is done. */
export interface Noting {
  /** The incident's directory on the manager's host. */
  directory: string;
  /** What notes it there: `write-journal.sh`. */
  script: string;
  /** Asked before the stop; throws when it must not be. Default: nobody is asked. */
  mayStop?: (() => Promise<void>) | undefined;
}
