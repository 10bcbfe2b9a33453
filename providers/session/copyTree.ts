import type { CopyTree } from "../../leofs/incident/backups/restoreFiles";
import { copyDirectory } from "../../remote/copy/copyDirectory";

/** Copies between two hosts over SSH, each file read back and compared. */
export const copyTree: CopyTree = async (source, target) => {
  await copyDirectory(source.host, source.directory, target.host, target.directory, {
    readAs: source.as,
    writeAs: target.as,
  });
};
