import type { CheckList } from "./check";

/** How far an incident is, as the journals on both hosts have it. */
interface Progress {
  /** It was rolled back, or a rollback of it was begun. */
  rolledBack: boolean;
  /** It was begun before, and goes on from there. */
  goesOn: boolean;
  /** What the settings say otherwise than when it was begun. Default: nothing. */
  otherwise?: string | undefined;
  /** Whose host has no journal of it any more. Default: nobody's. */
  gone?: string | undefined;
}

export const incidentChecks: CheckList<Progress> = {
  of: "the incident",
  checks: [
    {
      name: "rolledBack",
      decides: true,
      test: ({ rolledBack }) =>
        rolledBack
          ? "this incident was rolled back, or is about to be: its recovery is over. Give a new incident name to recover again; set rollback: true to finish an interrupted rollback."
          : undefined,
    },
    {
      name: "subjects",
      decides: true,
      test: ({ otherwise }) => otherwise,
    },
    {
      name: "journalGone",
      decides: true,
      test: ({ gone }) => gone,
    },
    {
      name: "resume",
      level: "fact",
      test: ({ goesOn }) =>
        goesOn ? "this incident was begun before; what is done already is kept" : undefined,
    },
  ],
};
