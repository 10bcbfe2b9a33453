import { does, type Played, reads } from "./played";

/** What is to be known of a control script before it is fenced. */
export const lookAtFence: Played = ({ manager }) =>
  reads(() => ({ stdout: `@= fenced ${manager.fencedFor}\n@= owner leofs\n@= writable yes\n` }));

/** Puts a fence in the place of a control script. */
export const putUpFence: Played = ({ manager }, { incident }) =>
  does(() => {
    manager.fencedFor = incident!;
  });

/** Puts the control script back. */
export const liftFence: Played = ({ manager }) => {
  const said = manager.fencedFor === "" ? "none" : "lifted";
  return {
    steps: [
      () => {
        manager.fencedFor = "";
      },
    ],
    answer: () => ({ stdout: said }),
  };
};
