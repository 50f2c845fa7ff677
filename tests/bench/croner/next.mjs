// croner's next fire times a second of CPU time: lines of `zone<TAB>expression` on standard input, the same output as
// bench_cron_next.
import { readFileSync } from "node:fs";
import { Cron } from "croner";

const seconds = Number(process.argv[2] ?? 2);
const start = new Date("2026-01-01T00:00:00Z");
const schedules = readFileSync(0, "utf8")
  .split("\n")
  .filter((line) => line.includes("\t"))
  .map((line) => new Cron(line.split("\t")[1], { timezone: line.split("\t")[0], paused: true }));

function walk(schedule, calls) {
  let at = start;
  for (let i = 0; i < calls; ++i) at = schedule.nextRun(at);
  return at.getTime();
}

const ends = schedules.map((schedule) => walk(schedule, 10));
let calls = 0;
const cpu = () => process.cpuUsage().user + process.cpuUsage().system;
const begun = cpu();
do {
  for (const schedule of schedules) walk(schedule, 10);
  calls += 10 * schedules.length;
} while (cpu() - begun < seconds * 1e6);
const spent = (cpu() - begun) / 1e6;
console.log(JSON.stringify({ next_per_second: Math.round(calls / spent), calls, ends }));
