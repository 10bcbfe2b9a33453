import { WITHOUT_COPIES } from "../incident/backups/secondCopy";
import type { Place } from "../manager/place";
import { sentence } from "../sentence";
import type { CheckList } from "./check";

/** A directory for second copies of all backups, on another host. */
interface SecondPlace {
  /** Of that host. */
  label: string;
  place: Place;
  /** What the backups of all managers may take. */
  wantedKiB: number;
}

const named = ({ label, place }: SecondPlace): string =>
  `${label}: the directory for second copies ${place.path}`;

export const secondCopyChecks: CheckList<SecondPlace> = {
  of: "the directory for second copies",
  checks: [
    {
      name: "copyDirectory",
      decides: true,
      test: (second) => {
        const { link, writable } = second.place;
        if (link)
          return `${named(second)} is a symbolic link, which is not followed. Name the real one, ${WITHOUT_COPIES}.`;
        if (!writable)
          return `${named(second)} cannot be written by the user who logs in there. Make it writable, set another copyTo.directory, ${WITHOUT_COPIES}.`;
        return undefined;
      },
    },
    {
      name: "copySpace",
      test: (second) => {
        const { freeKiB } = second.place;
        return freeKiB !== undefined && freeKiB < second.wantedKiB
          ? `${named(second)} has ${freeKiB} KiB free, ${second.wantedKiB} KiB are needed. Free space there, set another copyTo.directory, ${WITHOUT_COPIES}.`
          : undefined;
      },
    },
  ],
};

/** The host for second copies, when it cannot be looked at. */
export const secondCopyHostChecks: CheckList<{ label: string; problem: string }> = {
  of: "the host for second copies",
  checks: [
    {
      name: "copyHost",
      test: ({ label, problem }) =>
        `the host for second copies (copyTo) cannot be used: ${label}: ${sentence(problem)} Mend that, name another host, ${WITHOUT_COPIES}.`,
    },
  ],
};
