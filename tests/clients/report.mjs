// Run by Node: calls every function of a file of cases, and tells how each went; see report.py.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const given = JSON.parse(readFileSync(0, 'utf8'));
const cases = await import(pathToFileURL(process.argv[2]).href);
const told = {};
for (const [name, run] of Object.entries(cases)) {
  if (typeof run !== 'function') continue;
  try {
    await run(given.urls, given.files);
    told[name] = null;
  } catch (error) {
    told[name] = error.stack ?? String(error);
  }
}
console.log(JSON.stringify(told));
