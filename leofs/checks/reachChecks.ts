import type { Reach } from "../manager/ask";
import type { CheckList } from "./check";

/** Every other manager that somebody of this cluster knows. */
export const otherChecks: CheckList<Reach> = {
  of: "other managers",
  checks: [
    {
      name: "otherAlive",
      test: ({ node, answers, evidence }) =>
        answers
          ? `${node} is a manager of this cluster, and it is alive (${evidence}). A takeover beside a living manager leads to split brain: two managers, each with rows of its own. Is it to be replaced? Then it is the one to be called lost: see first what users wrote on it (get-users, get-buckets), then stop it for good.`
          : undefined,
    },
  ],
};

/** The manager that is called lost. */
export const lostChecks: CheckList<Reach> = {
  of: "the lost manager",
  checks: [
    {
      name: "lostAnswers",
      test: ({ node, answers, evidence }) =>
        answers
          ? `${node} is called lost, but it answers (${evidence}). A takeover beside a living manager leads to split brain. Use in-place recovery. Is it to be replaced all the same? See first what users wrote on it (get-users, get-buckets), which may be nowhere else, then stop it for good.`
          : undefined,
    },
    {
      name: "lost",
      level: "fact",
      test: ({ node, answers, evidence }) => (answers ? undefined : `${node} does not answer (${evidence})`),
    },
  ],
};

/** Whether the manager at `label` reaches the one that runs. */
interface Distance {
  label: string;
  reach: Reach;
}

/** A pair that cannot connect never forms, and both would be without tables by then. */
export const distanceChecks: CheckList<Distance> = {
  of: "the way between the two managers",
  checks: [
    {
      name: "reach",
      test: ({ label, reach: { node, answers, evidence } }) =>
        answers
          ? undefined
          : `${label} cannot reach ${node} over Erlang distribution (${evidence}). The pair would never form. Open epmd's port (4369) and the distribution ports between the two hosts.`,
    },
  ],
};
