import { partnerProblems } from "../conf/conf";
import { totalBytes } from "../incident/backups/tree";
import type { Reach } from "../manager/reach";
import { lacking } from "../manager/ready";
import { systemProblems } from "../mnesia/systemConf";
import { type Finding, fact, hazard, refuse } from "./findings";
import { clusterFindings, managerFindings, pairFindings, withPartner } from "./pairChecks";
import { dataFiles, type ManagerView } from "./view";

/**
 * What speaks for and against a takeover, before its first change.
 *
 * `resuming`: the dump of this incident was taken before, or more, so the survivor may be stopped or empty by now and
 * the replacement may hold the new tables; only what must hold all the same is looked at.
 */
export function takeoverFindings(
  survivor: ManagerView,
  replacement: ManagerView,
  lost: Reach,
  resuming: boolean,
): Finding[] {
  const always = [
    ...managerFindings(survivor),
    ...managerFindings(replacement),
    ...pairFindings(survivor, replacement),
    ...lostFindings(lost),
    ...partnerFindings(survivor, replacement),
    ...partnerFindings(replacement, survivor),
  ];
  if (resuming)
    return [...always, fact("resume", "this incident was begun before; what is done already is kept")];
  return [
    ...always,
    ...survivorFindings(survivor, lost.node),
    ...replacementFindings(survivor, replacement),
    ...clusterFindings(survivor),
  ];
}

function lostFindings({ node, answers, evidence }: Reach): Finding[] {
  if (answers)
    return [
      refuse(
        "lostAnswers",
        `${node} is called lost, but it answers (${evidence}). A takeover beside a living manager makes two truths. Use in-place recovery, or stop it for good first.`,
      ),
    ];
  return [fact("lost", `${node} does not answer (${evidence})`)];
}

function survivorFindings(view: ManagerView, lost: string): Finding[] {
  const { manager, host, facts } = view.site;
  if (facts.beams.length === 0)
    return [
      refuse(
        "survivorDown",
        `${host.label}: the survivor ${manager.node} is down, so its data cannot be dumped. Start it (${manager.home}/bin/leo_manager start). If it then waits for tables, it was stopped before ${lost} and has not the newest data.`,
      ),
    ];
  const { evidence } = view;
  if (!evidence)
    return [
      refuse(
        "survivorSilent",
        `${host.label}: ${manager.node} runs (process ${facts.beams.join(", ")}) but does not answer over Erlang distribution. Is the cookie in ${facts.conf.path} the one it was started with?`,
      ),
    ];
  const missing = lacking(evidence, [manager.node]);
  if (missing)
    return [
      refuse(
        "survivorTables",
        `${host.label}: the survivor ${manager.node} ${missing}. A manager that waits for ${lost} was stopped before it and has not the newest data: it must not be made the truth.`,
      ),
    ];
  if (!evidence.partners.includes(lost))
    return [
      refuse(
        "lostUnknown",
        `${host.label}: ${manager.node} has the partner ${evidence.partners.join(", ") || "none"}, not ${lost}, which is called lost. A name nobody has never answers, and the real partner may be alive: give the lost manager's node name as that partner.`,
      ),
    ];
  const rows = [...evidence.tables.values()].reduce((sum, table) => sum + table.rows, 0);
  return [
    fact(
      "survivor",
      `${manager.node} (${view.site.settings.role}) serves all ${evidence.tables.size} tables, ${rows} rows: it has the newest data, since it runs and ${lost} does not`,
    ),
    ...(evidence.connected.includes(lost)
      ? [hazard("lostConnected", `${manager.node} still counts ${lost} among its connections`)]
      : []),
  ];
}

function replacementFindings(survivor: ManagerView, view: ManagerView): Finding[] {
  const { manager, host, settings, facts } = view.site;
  const found: Finding[] = [];
  const files = dataFiles(view);
  if (files.length > 0)
    found.push(
      refuse(
        "replacementData",
        `${host.label}: the replacement ${manager.node} already holds Mnesia files (${files.length} in ${view.mnesia.path}, ${totalBytes(files)} bytes). A replacement must be a fresh installation: move that directory aside, or give the right home.`,
      ),
    );
  if (facts.beams.length > 0)
    found.push(
      hazard("replacementRuns", `${manager.node} runs already, without tables; it is stopped first`),
    );
  const cluster = survivor.evidence?.system ?? {};
  if (settings.role === "master")
    for (const problem of systemProblems(settings.conf, cluster))
      found.push(
        refuse(
          "replacementSystemConf",
          `${host.label}: ${problem} A new master hands its own values to running gateways before the dump is loaded.`,
        ),
      );
  return found;
}

function partnerFindings(view: ManagerView, partner: ManagerView): Finding[] {
  const { conf, partner: present } = view.site.settings;
  const { path, link } = view.site.facts.conf;
  const wanted = partner.site.manager.node;
  const problems = partnerProblems(withPartner(conf, path, wanted), path, wanted);
  if (link && present !== wanted)
    problems.push(
      `${path} is a symbolic link, which is not followed. Put the file itself in its place, or set manager.partner = ${wanted} there by hand.`,
    );
  return problems.map((problem) => refuse("partner", `${view.site.host.label}: ${problem}`));
}
