import type { ManagerRegistrationInputs } from "./managerRegistrationTypes";

/** The pair by its node names. */
export const pairNames = ({ managers }: Pick<ManagerRegistrationInputs, "managers">): string[] =>
  managers.map(({ node }) => node);

export const provenBefore = (node: string, proven: unknown, problem: string): string =>
  `${node} was proven at ${String(proven)} and cannot be looked at now: ${problem}`;

/** Whether the settings say only now how the nodes' hosts are reached. */
export const isNew = (wanted: ManagerRegistrationInputs, before: ManagerRegistrationInputs): boolean =>
  wanted.nodes !== undefined && before.nodes === undefined;
