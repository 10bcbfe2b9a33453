import type { CheckList } from "./check";
import type { ManagerView } from "./view";

/** What the service steps (stop, start) need of a host: they go through another SSH client. */
export const serviceChecks: CheckList<ManagerView> = {
  of: "a service step",
  checks: [
    {
      name: "serviceLogin",
      test: ({ manager: { spec }, serviceLogin }) =>
        serviceLogin === undefined
          ? undefined
          : `${spec.node} could not be stopped and started: the SSH client of the Pulumi package @pulumi/command, by which that is done, would not get in. ${serviceLogin} It takes one source of keys: the one that privateKeyFile or privateKey gives, else the agent.`,
    },
  ],
};
