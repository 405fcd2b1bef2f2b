// A strict reader of OpenMetrics 1.0 text, after the specification's ABNF and its rules for each type: what
// it does not refuse, any monitoring system reads.
//
//	const { families, value } = parse(text);
//	families.get('earshot_jobs')  → { type, unit, help, samples: [{ name, labels, value }] }
//	value('earshot_jobs_total', { outcome: 'failed' })  → a number, undefined where there is no such sample

import assert from 'node:assert/strict';

// Names of samples that a family of the type may have, as what follows the family's name.
const suffixes = {
	counter: ['_total', '_created'],
	gauge: [''],
	histogram: ['_bucket', '_sum', '_count', '_created'],
	info: ['_info'],
	unknown: [''],
};
const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const number = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$|^[+-]?Inf$|^NaN$/;

function unescape(text, allowed) {
	return text.replace(/\\(.?)/gs, (all, c) => {
		assert.ok(c && allowed.includes(c), `escape ${all}`);
		return c === 'n' ? '\n' : c;
	});
}

function readNumber(text) {
	assert.match(text, number);
	return Number(text.replace('Inf', 'Infinity'));
}

function readLabels(text) {
	const labels = {};
	let rest = text;
	while (rest) {
		const found = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"(,(?=.)|$)/.exec(rest);
		assert.ok(found, `labels ${text}`);
		const [all, name, value] = found;
		assert.ok(!(name in labels), `label ${name} twice`);
		assert.ok(!name.startsWith('__'), name);
		labels[name] = unescape(value, 'n"\\');
		rest = rest.slice(all.length);
	}
	return labels;
}

// The samples of one metric of a histogram: the same labels but for le, one after the other.
function checkHistogram(name, samples) {
	const metrics = new Map();
	let last;
	for (const sample of samples) {
		const { le, ...labels } = sample.labels, key = JSON.stringify(labels);
		if (key !== last) assert.ok(!metrics.has(key), `${name}${key}: its samples do not stand together`);
		last = key;
		if (!metrics.has(key)) metrics.set(key, { buckets: [] });
		const metric = metrics.get(key);
		if (sample.name.endsWith('_bucket')) {
			assert.notEqual(le, undefined, `${name}: a bucket without le`);
			metric.buckets.push([readNumber(le), sample.value]);
		} else {
			assert.equal(le, undefined, `${sample.name} with le`);
			metric[sample.name.slice(name.length + 1)] = sample.value;
		}
	}
	for (const [key, { buckets, sum, count }] of metrics) {
		const at = `${name}${key}`;
		assert.ok(buckets.length > 0, `${at}: no bucket`);
		for (let i = 1; i < buckets.length; i++) {
			assert.ok(buckets[i - 1][0] < buckets[i][0], `${at}: le does not rise`);
			assert.ok(buckets[i - 1][1] <= buckets[i][1], `${at}: buckets are cumulative`);
		}
		assert.equal(buckets.at(-1)[0], Infinity, `${at}: no bucket +Inf`);
		assert.equal(count, buckets.at(-1)[1], `${at}: _count is the bucket +Inf`);
		assert.ok(sum >= 0, `${at}: _sum`);
	}
}

function checkSample(family, sample) {
	const { name, labels, value } = sample, suffix = name.slice(family.name.length);
	assert.ok(suffixes[family.type].includes(suffix), `${name} is no sample of a ${family.type}`);
	if (suffix === '_info') assert.equal(value, 1, name);
	if (['_total', '_bucket', '_count'].includes(suffix))
		assert.ok(Number.isFinite(value) && value >= 0, `${name} is ${value}`);
	if (['_bucket', '_count'].includes(suffix)) assert.ok(Number.isInteger(value), `${name} is ${value}`);
	if (family.type === 'gauge') assert.ok(!('le' in labels) && !('quantile' in labels), name);
}

export function parse(text) {
	assert.ok(text.endsWith('# EOF\n') || text.endsWith('# EOF'), 'ends with # EOF');
	const lines = text.slice(0, text.lastIndexOf('# EOF')).split('\n'), families = new Map(), sampleNames = new Map();
	assert.equal(lines.pop(), '', '# EOF is a line of its own');
	let family;
	for (const line of lines) {
		const meta = new RegExp(`^# (TYPE|UNIT|HELP) (${metricName}) (.*)$`).exec(line);
		if (meta) {
			const [, what, name, value] = meta;
			if (family?.name !== name) {
				assert.ok(!families.has(name), `${name} comes twice`);
				families.set(name, family = { name, type: 'unknown', samples: [] });
			}
			assert.equal(family.samples.length, 0, `${what} of ${name} after its samples`);
			assert.ok(!(what in family), `two ${what} of ${name}`);
			family[what] = true;
			if (what === 'TYPE') {
				assert.ok(value in suffixes, `type ${value}`);
				family.type = value;
			} else if (what === 'UNIT') {
				assert.ok(value === '' || name.endsWith(`_${value}`), `${name} does not end with its unit ${value}`);
				family.unit = value;
			} else family.help = unescape(value, 'n"\\');
			continue;
		}
		const found = new RegExp(`^(${metricName})(?:\\{(.*)\\})? (\\S+)$`).exec(line);
		assert.ok(found, `neither metadata nor sample: ${JSON.stringify(line)}`);
		const sample = { name: found[1], labels: readLabels(found[2] ?? ''), value: readNumber(found[3]) };
		assert.ok(family && sample.name.startsWith(family.name), `${sample.name} has no family`);
		const owner = sampleNames.get(sample.name) ?? family;
		assert.equal(owner, family, `${sample.name} is of two families`);
		sampleNames.set(sample.name, family);
		checkSample(family, sample);
		const twin = ({ name, labels }) => name === sample.name && key(labels) === key(sample.labels);
		assert.ok(!family.samples.some(twin), `twice: ${line}`);
		family.samples.push(sample);
	}
	for (const [name, { type, help, samples }] of families) {
		assert.ok(help, `${name} has no HELP`);
		if (type === 'histogram') checkHistogram(name, samples);
	}
	const all = [...families.values()].flatMap(({ samples }) => samples);
	return {
		families,
		value: (name, wanted = {}) => all.find((s) => s.name === name && key(s.labels) === key(wanted))?.value,
	};
}

function key(labels) {
	return JSON.stringify(Object.entries(labels).sort());
}
