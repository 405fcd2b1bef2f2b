/* Addresses of views, as router.js reads them. */

/* to('library', { q: 'waltz' }) → "#/library?q=waltz"; what is empty stays out. */
export function to(path, query = {}) {
	const q = new URLSearchParams(Object.entries(query)
		.flatMap(([k, v]) => [v].flat().map((one) => [k, one]))
		.filter(([, v]) => v !== '' && v !== null && v !== undefined && v !== false));

	return `#/${path}${q.size ? `?${q}` : ''}`;
}
