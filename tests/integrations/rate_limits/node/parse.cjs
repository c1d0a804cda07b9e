// Read headers as JSON from standard input, write what the parser makes of them.
const { parseRateLimit } = require("ratelimit-header-parser");

const headers = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(parseRateLimit({ headers }) ?? null));
