/** Text dumps of a manager's Mnesia: what is in them, and how two of them differ. */
export * from "./dumpCompare";
export * from "./dumpDifferences";
export * from "./dumpFile";
export * from "./dumpParts";
export * from "./dumpRows";
export * from "./freshRows";
