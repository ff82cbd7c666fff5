'use strict';
// Runs cases one after the other, each within a minute, and says of each how it went. Needs no package.
function check(holds, what) {
  if (!holds) throw new Error(what);
}

async function runCases(label, cases) {
  let failed = 0;
  for (const [name, run] of cases) {
    let timer;
    try {
      const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('not done in 60 s')), 60000); });
      await Promise.race([run(), late]);
      console.log(`ok ${label}: ${name}`);
    } catch (e) {
      failed++;
      console.log(`FAIL ${label}: ${name}: ${e.message}`);
    } finally {
      clearTimeout(timer);
    }
  }
  return failed;
}

// Which packages the .NET program on the other side was built with; `run` says it.
const dotnet = process.env.INTEROP_DOTNET || '.net';

module.exports = { check, runCases, dotnet };
