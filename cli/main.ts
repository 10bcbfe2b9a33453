#!/usr/bin/env node
import { Command } from "commander";
import { messageOf } from "../remote/errors";
import { addDiagnose } from "./diagnose/command";
import { addReport } from "./report/command";
import { addRunbook } from "./runbook/command";
import { addVerifyBackup } from "./verifyBackup";

/** What a person types besides `pulumi`. */
function program(): Command {
  const command = new Command("leofs-recovery")
    .description("Recovery of LeoFS managers: what a person types besides pulumi")
    .showHelpAfterError("(--help says what there is)")
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  addDiagnose(command);
  addReport(command);
  addRunbook(command);
  addVerifyBackup(command);
  return command;
}

program()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`leofs-recovery: ${messageOf(error)}\n`);
    process.exitCode = 1;
  });
