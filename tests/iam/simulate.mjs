// Evaluates the requests on standard input; for each it writes the result, and the Sids of what allowed it.
import { text } from "node:stream/consumers";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const outcome = async (simulation) => {
  const answer = await runSimulation(simulation, {});
  if (answer.resultType === "error") return { result: JSON.stringify(answer.errors), used: [] };
  const parts = (answer.resultType === "single" ? [answer.result] : answer.results).flatMap(({ analysis }) => [
    analysis.identityAnalysis,
    analysis.endpointAnalysis,
  ]);
  const used = parts.flatMap((part) => part?.allowStatements ?? []).map(({ statement }) => statement.sid());
  return { result: answer.overallResult, used };
};

const simulations = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await Promise.all(simulations.map(outcome))));
