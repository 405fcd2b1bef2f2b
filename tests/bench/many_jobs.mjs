// A database with very many jobs, as a studio might have them after a year: 93 of a hundred completed, 4 failed, 3
// cancelled, a few thousand in the queue; 40 of the base model, the others of fifty adapters and 40 of two hundred
// experiments, few of which have most (Zipf); 5,000 A/B tests; three models. An adapter belongs to one model. One adapter in
// ten and every second experiment ended long ago, and adapter 3 never failed, so that there are filters that hardly meet.

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, root, until } from '../harness.mjs';

const path = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const year = 31_536_000;

// A MariaDB of its own with 1 GiB of memory: { sql(text, database) → rows, conf(database) → path of an earshot.conf, stop() }.
export async function startDatabase() {
	const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-db-'));
	const socket = join(folder, 'db.sock');
	const user = process.getuid() === 0 ? ['--user=nobody'] : [];
	const options = ['--no-defaults', '--skip-networking', '--skip-name-resolve', '--performance-schema=off',
		'--character-set-server=utf8mb4', '--collation-server=utf8mb4_unicode_ci', '--innodb-buffer-pool-size=1G',
		'--innodb-log-file-size=1G', '--innodb-sort-buffer-size=64M', '--innodb-flush-log-at-trx-commit=1', ...user];
	if (user.length) execFileSync('chown', ['nobody', folder]);
	execFileSync('mariadb-install-db', [...options, `--datadir=${folder}/db`, '--force', '--skip-test-db'],
		{ env: path, stdio: 'ignore' });
	writeFileSync(join(folder, 'init.sql'), 'CREATE USER earshot@localhost;\nGRANT ALL ON *.* TO earshot@localhost;\n');
	const server = spawn('mariadbd', [...options, `--datadir=${folder}/db`, `--tmpdir=${folder}`, `--socket=${socket}`,
		`--init-file=${folder}/init.sql`, `--pid-file=${folder}/db.pid`], { env: path, stdio: ['ignore', 'ignore', 'ignore'] });
	const arguments_ = (database) => ['--no-defaults', '--batch', '--skip-column-names', '--user=earshot', `--socket=${socket}`,
		...(database ? [database] : [])];
	const sql = (text, database) => execFileSync('mariadb', arguments_(database),
		{ input: text, encoding: 'latin1', maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'pipe'] })
		.split('\n').slice(0, -1).map((line) => line.split('\t'));
	const ready = () => {
		try {
			return sql('SELECT 1').length === 1;
		} catch {
			return false;
		}
	};
	await until(ready, 'the database of the benchmark', 60_000);
	return {
		sql,
		conf: (database) => {
			const file = join(folder, database, 'earshot.conf');
			mkdirSync(join(folder, database));
			writeFileSync(file, `state_dir = run\ndatabase_socket = ${socket}\ndatabase_name = ${database}\n`);
			sql(`CREATE DATABASE ${database}`);
			execFileSync(join(build, 'bin/earshot'), ['-c', file, 'migrate'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
			return file;
		},
		stop: () => {
			server.kill('SIGKILL');
			rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}

// Ids that can be told from each other: of an adapter (10), an experiment (20), an A/B test (30), a job's sample (50).
const id = (group, n) => `UNHEX(CONCAT('0190a6a000${group}70008000', LPAD(HEX(${n}), 12, '0')))`;
const some = (n, group) => `IF(${n}=0, NULL, ${id(group, n)})`;
const zipf = (share, n) => `IF(RAND() < ${share}, 0, FLOOR(POW(${n + 1}, RAND())))`;
const model = (n) => `ELT(1 + (${n} >= 0.8) + (${n} >= 0.95), 'band', 'second', 'third')`;

// Without these checks and into an empty table, rows are written without undo.
function rows(n) {
	const status = `IF(status='failed' AND adapter=3, 'completed', status)`;
	return `SET SESSION unique_checks=0, foreign_key_checks=0, rand_seed1=1, rand_seed2=77, time_zone='+00:00';
		INSERT INTO jobs (id, status, priority, run_after, attempt, prompt_id, prompt_preview, model, adapter_id, adapter_name,
			experiment_id, ab_test_id, num_samples, format, params, sample_ids, audio_ms, created_at, started_at, completed_at)
		SELECT UNHEX(CONCAT(LPAD(HEX(FLOOR(UNIX_TIMESTAMP(at) * 1000)), 12, '0'), '7', LPAD(HEX(n & 4095), 3, '0'), '8',
			LPAD(HEX(n), 15, '0'))), ${status}, 5, at, 1, ${id(60, 'n DIV 3')},
			CONCAT('A calm piano piece in D major, 70 bpm, number ', n),
			IF(adapter=0, ${model('any')}, ${model('adapter % 20 / 20')}), ${some('adapter', 10)},
			IF(adapter=0, NULL, CONCAT('Adapter ', adapter)), ${some('experiment', 20)}, ${some('test', 30)}, 1, 'flac',
			'{"seed":1234567890,"duration":10,"temperature":1,"top_k":250,"top_p":0,"guidance_scale":3,"format":"flac"}',
			IF(${status}='completed', ${id(50, 'n')}, NULL), 10000, at, at + INTERVAL 2 SECOND, at + INTERVAL 5 SECOND
		FROM (SELECT n, at, any, ELT(1 + (luck >= 0.93) + (luck >= 0.97), 'completed', 'failed', 'cancelled') AS status,
			IF(adapter % 10 = 7 AND n > ${n} / 5, 1, adapter) AS adapter,
			IF(experiment % 2 AND n > ${n} / 2, experiment + 1, experiment) AS experiment, test
		FROM (SELECT seq AS n, UTC_TIMESTAMP(6) - INTERVAL ROUND((${n} - seq) * ${year / n}, 6) SECOND_MICROSECOND AS at,
			RAND() AS luck, RAND() AS any, ${zipf(0.4, 50)} AS adapter, ${zipf(0.6, 200)} AS experiment,
			IF(seq % 2000 < 200 OR seq DIV 2000 % 50 = 0, 1 + seq DIV 2000, 0) AS test
			FROM seq_1_to_${n}) drawn) fitted;`;
}

const tally = (column) => `INSERT INTO job_tallies (subject, shard, status, n, samples)
	SELECT ${column}, 0, status, COUNT(*), IF(status='completed', COUNT(*), 0) FROM jobs WHERE ${column} IS NOT NULL
	GROUP BY ${column}, status;`;

// What the jobs belong to, also where there are none yet.
export const belongings = `
	INSERT INTO adapters (id, name, base_model, status, version_id, created_at, updated_at)
		SELECT ${id(10, 'seq')}, CONCAT('Adapter ', seq), ${model('seq % 20 / 20')}, 'active', ${id(11, 'seq')},
			UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
		FROM seq_1_to_50;
	INSERT INTO experiments (id, name, created_at, updated_at)
		SELECT ${id(20, 'seq')}, CONCAT('Experiment ', seq), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_200;
	INSERT INTO hosts (id, name, pid, workers, busy, seen_at) VALUES (${id(70, 1)}, 'host', 1, 16, 16, '2099-01-01');
	INSERT INTO job_periods (start, shard, done, wait_ms, processing_ms, audio_ms)
		SELECT FROM_UNIXTIME((UNIX_TIMESTAMP() DIV 300 - p.seq) * 300), s.seq, 10, 20, 30, 40
		FROM seq_0_to_300 p, seq_0_to_7 s;`;

// n jobs over the last year. Rows first, in the order of their ids, then the indexes, which is several times as fast.
export function makeJobs(db, database, n, say) {
	const [[, table]] = db.sql('SHOW CREATE TABLE jobs', database);
	const keys = table.replaceAll('\\n', '\n').match(/KEY `\w+` \([^)]*\)/g).filter((key) => !key.startsWith('PRIMARY'));
	const list = (word) => keys.map((key) => word(key, key.match(/`\w+`/)[0])).join(', ');
	say(`${n.toLocaleString('en')} jobs: rows`);
	db.sql(`ALTER TABLE jobs ${list((_, name) => `DROP KEY ${name}`)}; ${belongings}`, database);
	db.sql(rows(n), database);
	db.sql(`UPDATE jobs SET status='queued', started_at=NULL, completed_at=NULL, sample_ids=NULL, audio_ms=0 ORDER BY id DESC
		LIMIT 3000; UPDATE jobs SET status='processing', started_at=created_at ORDER BY id DESC LIMIT 50`, database);
	say('indexes');
	db.sql(`ALTER TABLE jobs ${list((key) => `ADD ${key}`)}`, database);
	say('counters');
	db.sql(`REPLACE INTO job_counts (shard, status, n, samples) SELECT 0, status, COUNT(*), IF(status='completed', COUNT(*), 0)
		FROM jobs GROUP BY status; ${['adapter_id', 'experiment_id', 'ab_test_id'].map(tally).join('')} ANALYZE TABLE jobs`, database);
}
