// Answer a query by following links from one document, and nothing else: node walk.mjs <seed> <query>
// Prints the bindings as JSON lines; whatever was fetched goes to standard error, an address a line.

import { QueryEngine } from "@comunica/query-sparql-link-traversal";

const [seed, query] = process.argv.slice(2);
const bindings = await new QueryEngine().queryBindings(query, {
	sources: [seed],
	lenient: true, // links lead to other people's hosts too, which are out of reach here
	fetch: (input, init) => {
		const url = String(input.url ?? input);
		console.error(url);
		// Never past the loopback address.
		return new URL(url).hostname === "127.0.0.1" ? fetch(input, init) : Promise.reject(new Error("out of reach"));
	},
});
for await (const binding of bindings) {
	console.log(JSON.stringify(Object.fromEntries([...binding].map(([name, term]) => [name.value, term.value]))));
}
