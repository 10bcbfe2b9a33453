import type { IncidentPlace, LookedAt } from "../manager/lookedAt";
import { type Journal, readJournal } from "./journal";

/** A manager by its name. */
type Named = Pick<LookedAt, "spec">;

/**
 * An incident as its managers' hosts remember it: read once by a look, or by a step of a recovery at its start, and handed
 * to all that it does. What is noted meanwhile is in it at once.
 */
export class Incident {
  /** @param byNode the journal on the host of each manager, by node name */
  constructor(
    readonly name: string,
    private readonly byNode: ReadonlyMap<string, Journal>,
  ) {}

  /** What the host of that manager remembers. */
  on({ spec: { node } }: Named): Journal {
    const journal = this.byNode.get(node);
    if (!journal) throw new Error(`the journal of ${node} was not read`);
    return journal;
  }

  /** What the hosts remember, in the order of the managers they were read for. */
  get journals(): readonly Journal[] {
    return [...this.byNode.values()];
  }
}

/** Reads what the hosts of these managers remember of an incident. Managers that share a directory share its journal. */
export async function readIncident(
  name: string,
  managers: readonly (Named & Pick<LookedAt, "place">)[],
): Promise<Incident> {
  const reading: { place: IncidentPlace; journal: Promise<Journal> }[] = [];
  const read = (place: IncidentPlace): Promise<Journal> => {
    const known = reading.find((one) => isSame(one.place, place));
    if (known) return known.journal;
    const journal = readJournal(place);
    reading.push({ place, journal });
    return journal;
  };
  const journals = await Promise.all(
    managers.map(async ({ spec, place }) => [spec.node, await read(place)] as const),
  );
  return new Incident(name, new Map(journals));
}

const isSame = (one: IncidentPlace, other: IncidentPlace): boolean =>
  one.host === other.host && one.directory === other.directory && one.as === other.as;
