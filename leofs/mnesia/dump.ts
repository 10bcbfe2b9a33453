/** Text dumps of a manager's Mnesia: read, summed up, compared. */
export * from "./dumpCompare";
export * from "./dumpFile";
export * from "./dumpParts";
export * from "./dumpRows";
