// The page's own verifier over a ledger file, in node: reads its path from the arguments, prints the CPU seconds of each round as JSON.
//
//     node page.mjs LEDGER ROUNDS

import { readFileSync } from "node:fs";

import { begin, extend } from "../../server/web/src/trust/ledger.ts";

const [path, rounds] = process.argv.slice(2);
const data = new Uint8Array(readFileSync(path));
const lines = [];
for (let start = 0, end; (end = data.indexOf(10, start)) >= 0; start = end + 1) lines.push(data.subarray(start, end));

const seconds = [];
for (let round = 0; round < Number(rounds); round++) {
  const before = process.cpuUsage();
  let chain = begin(lines[0]);
  for (const line of lines.slice(1)) ({ chain } = await extend(chain, line));
  const { user, system } = process.cpuUsage(before);
  seconds.push((user + system) / 1e6);
}
console.log(JSON.stringify(seconds));
