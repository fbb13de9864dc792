// Answer queries with Comunica over each of some sources: node query.mjs <sources, as JSON> <query>…
// Prints a JSON array of answers as text: bindings as JSON, a truth value, or quads as N-Triples.

import { QueryEngine } from "@comunica/query-sparql";

const [sources, ...queries] = process.argv.slice(2);
const formats = { bindings: "application/json", boolean: "simple", quads: "application/n-triples" };
const answers = [];
for (const source of JSON.parse(sources)) {
	for (const query of queries) {
		const engine = new QueryEngine();
		const result = await engine.query(query, { sources: [source] });
		const { data } = await engine.resultToString(result, formats[result.resultType]);
		answers.push((await data.toArray?.() ?? await Array.fromAsync?.(data) ?? []).join(""));
	}
}
console.log(JSON.stringify(answers));
